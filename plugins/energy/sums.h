#pragma once

#include <torch/torch.h>

#include <mixwright/options.h>

namespace mixwright::energy {

/// What one normalisation or one softmax spans.
enum class Over { kAll, kChannels };
MIXWRIGHT_CHOICES(Over, choice("all", Over::kAll), choice("channels", Over::kChannels))

/// [B, ...] -> [B]: the sum of all that a sample has.
inline torch::Tensor sum_of_sample(const torch::Tensor& x) {
  return x.flatten(1).sum(1);
}

/// [B, *grid, C] -> [B, groups, D]: what is spanned together lies in the last dimension.
inline torch::Tensor in_groups(const torch::Tensor& x, Over over) {
  return over == Over::kAll ? x.flatten(1).unsqueeze(1) : x.reshape({x.size(0), -1, x.size(-1)});
}

}  // namespace mixwright::energy
