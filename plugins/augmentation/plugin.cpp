#include "random_crop.h"
#include "random_flip.h"

MIXWRIGHT_PLUGIN("augmentation",
                 "1.0.0",
                 "Apache-2.0",
                 transform<RandomFlip>("random_flip", "mirrors a share of the samples"),
                 transform<RandomCrop>("random_crop", "moves a sample by a few places"))
