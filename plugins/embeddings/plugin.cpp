#include "conv.h"
#include "fourier_positions.h"
#include "learned_positions.h"
#include "max_pool.h"
#include "patch.h"
#include "patch_merging.h"

using mixwright::embeddings::Conv;
using mixwright::embeddings::FourierPositions;
using mixwright::embeddings::LearnedPositions;
using mixwright::embeddings::MaxPool;
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
                            "arXiv:2103.14030"),
    embedding<MaxPool>("max_pool", "the largest value of each window", "arXiv:1512.03385"),
    embedding<LearnedPositions>("learned_positions",
                                "a learned vector for each place, beside the features",
                                "arXiv:2107.14795")
        .needs(mixwright::kFixedTokens),
    embedding<FourierPositions>(
        "fourier_positions",
        "sines and cosines of each place's coordinates, beside the features",
        "arXiv:2103.03206"))
