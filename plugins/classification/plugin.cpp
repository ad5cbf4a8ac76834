#include "classification.h"

MIXWRIGHT_PLUGIN("classification",
                 "1.0.0",
                 "Apache-2.0",
                 task<Classification>("classification",
                                      "one class per sample: cross-entropy, accuracy",
                                      "label smoothing: arXiv:1512.00567"))
