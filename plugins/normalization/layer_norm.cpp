#include "layer_norm.h"

#include "channel_affine.h"

namespace mixwright::norms {

LayerNorm::LayerNorm(const Options& options, const BuildContext& context)
    : eps_(options.eps), over_all_(options.over == Over::kAll) {
  if (options.affine == Affine::kNone) return;
  std::vector<int64_t> sizes;
  if (over_all_ && options.affine == Affine::kNormalized) sizes = context.shape.grid;
  sizes.push_back(context.shape.channels);
  weight_ = register_parameter("weight", torch::ones(sizes));
  if (options.bias) bias_ = register_parameter("bias", torch::zeros(sizes));
}

torch::Tensor LayerNorm::forward(const torch::Tensor& x) {
  const auto normalized = x.sizes().slice(over_all_ ? 1 : x.dim() - 1);
  if (!weight_.defined() || weight_.sizes() == normalized) {
    return torch::layer_norm(x, normalized, weight_, bias_, eps_);
  }
  if (weight_.dim() > 1) {
    throw Error("input " + list_text(normalized.vec()) + ", weights were made for " +
                list_text(weight_.sizes().vec()) +
                "; keep the grid, or choose affine = \"channels\"");
  }
  return channel_affine(torch::layer_norm(x, normalized, {}, {}, eps_), weight_, bias_);
}

}  // namespace mixwright::norms
