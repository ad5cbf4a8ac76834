#include "affine_norm.h"
#include "batch_norm.h"
#include "group_norm.h"
#include "l1_norm.h"
#include "layer_norm.h"
#include "rms_norm.h"

using namespace mixwright::norms;

MIXWRIGHT_PLUGIN(
    "normalization",
    "1.0.0",
    "Apache-2.0",
    normalization<LayerNorm>("layer_norm",
                             "layer normalisation over channels, or over tokens and channels",
                             "arXiv:1607.06450"),
    normalization<GroupNorm>("group_norm",
                             "group normalisation over grid and channels of a group",
                             "arXiv:1803.08494"),
    normalization<BatchNorm>("batch_norm",
                             "batch normalisation over batch and grid",
                             "arXiv:1502.03167"),
    normalization<RmsNorm>("rms_norm",
                           "root mean square normalisation over channels",
                           "arXiv:1910.07467"),
    normalization<L1Norm>("l1_norm",
                          "each token over the sum of its absolute values",
                          "arXiv:2105.02358 eq. 8"),
    normalization<AffineNorm>("affine",
                              "a learned scale and shift of every channel",
                              "arXiv:2105.03404"))
