#include "conv.h"
#include "patch.h"
#include "patch_merging.h"

using mixwright::embeddings::Conv;
using mixwright::embeddings::Patch;
using mixwright::embeddings::PatchMerging;

MIXWRIGHT_PLUGIN(
    "embeddings",
    "1.0.0",
    "Apache-2.0",
    embedding<Patch>("patch", "cuts the grid into patches, each one token", "arXiv:2010.11929")
        .example("size = 2"),
    embedding<Conv>("conv", "convolution with stride: stem or downsampling", "arXiv:2210.13452"),
    embedding<PatchMerging>("patch_merging",
                            "two neighbours in each dimension become one token",
                            "arXiv:2103.14030"))
