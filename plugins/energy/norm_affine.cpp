#include "norm_affine.h"

#include "sums.h"

namespace mixwright::energy {

NormAffineImpl::NormAffineImpl(const NormAffineOptions& options, const Shape& shape)
    : fixed_gamma_(options.gamma), fixed_shift_(options.shift) {
  if (options.learned == Learned::kNone) return;
  gamma = register_parameter("gamma", torch::full({1}, options.gamma));
  std::vector<int64_t> sizes = {1};
  if (options.learned == Learned::kElementwise) {
    sizes = shape.grid;
    sizes.push_back(shape.channels);
  }
  shift = register_parameter("shift", torch::full(sizes, options.shift));
}

torch::Tensor NormAffineImpl::scaled(const torch::Tensor& x) const {
  if (gamma.defined()) return x * gamma;
  return fixed_gamma_ == 1 ? x : x * fixed_gamma_;
}

torch::Tensor NormAffineImpl::shifted(const torch::Tensor& x) const {
  if (shift.defined()) return x + shift;
  return fixed_shift_ == 0 ? x : x + fixed_shift_;
}

torch::Tensor NormAffineImpl::along_shift(const torch::Tensor& x) const {
  return shift.defined() ? sum_of_sample(x * shift) : sum_of_sample(x) * fixed_shift_;
}

RowNorm NormAffineImpl::of_rows(double eps, bool centred) const {
  RowNorm norm{eps, centred, fixed_gamma_, fixed_shift_, {}};
  if (gamma.defined()) norm.scale = gamma.item<double>();
  if (shift.defined() && shift.numel() == 1) norm.shift = shift.item<double>();
  if (shift.defined() && shift.numel() > 1) norm.elementwise = shift.detach().contiguous();
  return norm;
}

bool NormAffineImpl::is_positive() const {
  return gamma.defined() ? gamma.item<double>() >= 0 : fixed_gamma_ >= 0;
}

}  // namespace mixwright::energy
