#include "cifar_dataset.h"

MIXWRIGHT_PLUGIN("cifar",
                 "1.0.0",
                 "Apache-2.0",
                 dataset<Cifar10>("cifar10",
                                  "CIFAR-10 in its binary version: 60000 pictures, 10 classes",
                                  "A. Krizhevsky, Learning Multiple Layers of Features from Tiny "
                                  "Images, 2009")
                     .example("folder = \"cifar-10-batches-bin\""),
                 dataset<Cifar100>("cifar100",
                                   "CIFAR-100 in its binary version: 60000 pictures, 100 classes",
                                   "A. Krizhevsky, Learning Multiple Layers of Features from Tiny "
                                   "Images, 2009")
                     .example("folder = \"cifar-100-binary\""))
