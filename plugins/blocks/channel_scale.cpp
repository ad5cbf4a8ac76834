#include "channel_scale.h"

namespace mixwright::blocks {

ChannelScaleImpl::ChannelScaleImpl(int64_t channels, double value)
    : scale(register_parameter("scale", torch::full({channels}, value))) {}

torch::Tensor add_residual(const torch::Tensor& x,
                           const ChannelScale& res_scale,
                           const torch::Tensor& y,
                           const ChannelScale& layer_scale) {
  const torch::Tensor kept = res_scale ? x * res_scale->scale : x;
  return layer_scale ? torch::addcmul(kept, y, layer_scale->scale) : kept + y;
}

}  // namespace mixwright::blocks
