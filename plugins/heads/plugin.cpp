#include "classifier.h"
#include "identity.h"

using mixwright::heads::Classifier;
using mixwright::heads::Identity;

MIXWRIGHT_PLUGIN(
    "heads",
    "1.0.0",
    "Apache-2.0",
    head<Classifier>("classifier", "pools the tokens and scores the classes", "arXiv:2210.13452"),
    head<Identity>("identity", "gives the last features as they are", "the identity function"))
