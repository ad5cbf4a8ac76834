#include "group_norm.h"

#include "channel_affine.h"

namespace mixwright::norms {

GroupNorm::GroupNorm(const Options& options, const BuildContext& context)
    : groups_(options.groups), eps_(options.eps) {
  const int64_t channels = context.shape.channels;
  if (channels % groups_ != 0) {
    throw Error("groups = " + std::to_string(groups_) + " does not divide the " +
                std::to_string(channels) + " channels");
  }
  weight_ = register_parameter("weight", torch::ones({channels}));
  bias_ = register_parameter("bias", torch::zeros({channels}));
}

torch::Tensor GroupNorm::forward(const torch::Tensor& x) {
  return channel_affine(normalized(x), weight_, bias_);
}

torch::Tensor GroupNorm::normalized(const torch::Tensor& x) const {
  // One group is a layer norm over grid and channels, which LibTorch does in one pass.
  if (groups_ == 1) return torch::layer_norm(x, x.sizes().slice(1), {}, {}, eps_);
  // LibTorch's group norm wants channels first, so several groups are written out.
  // [B, *grid, C] -> [B, N, groups, C / groups]
  const torch::Tensor grouped = x.reshape({x.size(0), -1, groups_, x.size(-1) / groups_});
  const auto [variance, mean] =
      torch::var_mean(grouped, {1, 3}, /*unbiased=*/false, /*keepdim=*/true);
  return ((grouped - mean) * torch::rsqrt(variance + eps_)).view(x.sizes());
}

}  // namespace mixwright::norms
