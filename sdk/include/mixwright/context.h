#pragma once

#include <torch/torch.h>

#include <mixwright/export.h>

namespace mixwright {

/// What changes from batch to batch beside the features. Most parts never look at it.
struct MIXWRIGHT_API Context {
  torch::Tensor padding_mask;  ///< [batch, *grid], true where there is a token; undefined: all are
  torch::Tensor positions;     ///< [batch, tokens, dims] of tokens without a grid; else undefined
};

}  // namespace mixwright
