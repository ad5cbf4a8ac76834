#include "idx_dataset.h"

MIXWRIGHT_PLUGIN("idx",
                 "1.0.0",
                 "Apache-2.0",
                 dataset<IdxDataset>("idx",
                                     "pictures with labels in IDX files (MNIST's format)",
                                     "Y. LeCun, C. Cortes, C. Burges, The MNIST database")
                     .example("folder = \"/usr/share/datasets/fashion-mnist\""))
