#include "cutmix.h"
#include "mixup.h"
#include "rand_augment.h"
#include "random_crop.h"
#include "random_erasing.h"
#include "random_flip.h"
#include "trivial_augment.h"

MIXWRIGHT_PLUGIN("augmentation",
                 "1.0.0",
                 "Apache-2.0",
                 transform<RandomFlip>("random_flip",
                                       "mirrors a share of the samples",
                                       "arXiv:1512.03385 section 4.2"),
                 transform<RandomCrop>("random_crop",
                                       "moves a sample by a few places",
                                       "arXiv:1512.03385 section 4.2"),
                 transform<RandAugment>("rand_augment",
                                        "random operations on a picture, all equally strong",
                                        "arXiv:1909.13719 figure 2"),
                 transform<TrivialAugment>("trivial_augment",
                                           "one random operation on a picture, randomly strong",
                                           "arXiv:2103.10158 algorithm 1"),
                 transform<Mixup>("mixup",
                                  "blends each sample with a partner",
                                  "arXiv:1710.09412 section 2"),
                 transform<Cutmix>("cutmix",
                                   "replaces a box of each sample by that of a partner",
                                   "arXiv:1905.04899 eq. 1"),
                 transform<RandomErasing>("random_erasing",
                                          "erases a rectangle of a share of the samples",
                                          "arXiv:1708.04896 algorithm 1"))
