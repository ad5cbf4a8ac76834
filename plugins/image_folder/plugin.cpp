#include "image_folder.h"

MIXWRIGHT_PLUGIN("image_folder",
                 "1.0.0",
                 "Apache-2.0",
                 dataset<ImageFolder>("image_folder",
                                      "JPEG and PNG files in class folders or CSV lists",
                                      "the layout of torchvision's ImageFolder")
                     .example("folder = \"pictures\"\nsize = 16"))
