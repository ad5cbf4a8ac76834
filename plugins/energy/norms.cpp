#include "norms.h"

namespace mixwright::energy {

namespace {

NormAffine affine_of(const NormOptions& options, const BuildContext& context) {
  return NormAffine(NormAffineOptions{options.gamma, options.shift, options.learned},
                    context.shape);
}

/// Deviation of each group: groups [B, groups, D] around their mean -> [B, groups, 1].
torch::Tensor deviation(const torch::Tensor& centred, double eps) {
  return torch::sqrt(centred.square().mean(-1, /*keepdim=*/true) + eps);
}

torch::Tensor centred(const torch::Tensor& groups) {
  return groups - groups.mean(-1, /*keepdim=*/true);
}

torch::Tensor length(const torch::Tensor& groups, double eps) {
  return torch::sqrt(groups.square().sum(-1, /*keepdim=*/true) + eps);
}

}  // namespace

LayerNormLagrangian::LayerNormLagrangian(const Options& options, const BuildContext& context)
    : eps_(options.eps),
      over_(options.over),
      affine_(register_module("affine", affine_of(options, context))) {}

torch::Tensor LayerNormLagrangian::value(const torch::Tensor& x) const {
  const torch::Tensor groups = in_groups(x, over_);
  const torch::Tensor s = deviation(centred(groups), eps_).flatten(1).sum(1);
  return affine_->scaled(s * static_cast<double>(groups.size(-1))) + affine_->along_shift(x);
}

torch::Tensor LayerNormLagrangian::gradient(const torch::Tensor& x) const {
  const auto spanned = x.sizes().slice(over_ == Over::kAll ? 1 : x.dim() - 1);
  return affine_->shifted(affine_->scaled(torch::layer_norm(x, spanned, {}, {}, eps_)));
}

Action LayerNormLagrangian::activation_into(const torch::Tensor& g, const torch::Tensor& x) const {
  return normalized_into(
      in_groups(g, over_), in_groups(x, over_), affine_->of_rows(eps_, /*centred=*/true));
}

torch::Tensor LayerNormLagrangian::hessian_product(const torch::Tensor& x,
                                                   const torch::Tensor& v) const {
  const torch::Tensor middle = centred(in_groups(x, over_));
  const torch::Tensor s = deviation(middle, eps_);
  const torch::Tensor n = middle / s;
  const torch::Tensor direction = in_groups(v, over_);
  const torch::Tensor along = (n * direction).mean(-1, /*keepdim=*/true);
  return affine_->scaled((centred(direction) - n * along) / s).view(x.sizes());
}

SphericalNormLagrangian::SphericalNormLagrangian(const Options& options,
                                                 const BuildContext& context)
    : eps_(options.eps),
      over_(options.over),
      affine_(register_module("affine", affine_of(options, context))) {}

torch::Tensor SphericalNormLagrangian::value(const torch::Tensor& x) const {
  const torch::Tensor r = length(in_groups(x, over_), eps_).flatten(1).sum(1);
  return affine_->scaled(r) + affine_->along_shift(x);
}

torch::Tensor SphericalNormLagrangian::gradient(const torch::Tensor& x) const {
  const torch::Tensor groups = in_groups(x, over_);
  return affine_->shifted(affine_->scaled((groups / length(groups, eps_)).view(x.sizes())));
}

Action SphericalNormLagrangian::activation_into(const torch::Tensor& g,
                                                const torch::Tensor& x) const {
  return normalized_into(
      in_groups(g, over_), in_groups(x, over_), affine_->of_rows(eps_, /*centred=*/false));
}

torch::Tensor SphericalNormLagrangian::hessian_product(const torch::Tensor& x,
                                                       const torch::Tensor& v) const {
  const torch::Tensor groups = in_groups(x, over_);
  const torch::Tensor r = length(groups, eps_);
  const torch::Tensor n = groups / r;
  const torch::Tensor direction = in_groups(v, over_);
  const torch::Tensor along = (n * direction).sum(-1, /*keepdim=*/true);
  return affine_->scaled((direction - n * along) / r).view(x.sizes());
}

}  // namespace mixwright::energy
