#pragma once

#include <optional>

#include <torch/torch.h>

namespace mixwright::blocks {

/// One learned factor per channel: the tensor `scale` [C] of timm's `layer_scale1`, `res_scale1`.
class ChannelScaleImpl : public torch::nn::Module {
 public:
  ChannelScaleImpl(int64_t channels, double value);
  torch::Tensor scale;
};
TORCH_MODULE(ChannelScale);

/// The two ways meet: x * res_scale + y * layer_scale; an empty scale is one.
torch::Tensor add_residual(const torch::Tensor& x,
                           const ChannelScale& res_scale,
                           const torch::Tensor& y,
                           const ChannelScale& layer_scale);

}  // namespace mixwright::blocks
