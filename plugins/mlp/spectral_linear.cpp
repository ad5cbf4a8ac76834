#include "spectral_linear.h"

#include <ATen/autocast_mode.h>

namespace mixwright::mlp {

namespace {

constexpr double kNormEps = 1e-12;  // of a vector's length, as in LibTorch's normalize
constexpr int64_t kFirstIterations = 50;

torch::Tensor unit(const torch::Tensor& vector) {
  return vector / vector.norm().clamp_min(kNormEps);
}

/// u^T W v, [1].
torch::Tensor stretch(const torch::Tensor& weight, const torch::Tensor& u, const torch::Tensor& v) {
  return (weight * u.unsqueeze(1) * v).sum().reshape({1});
}

}  // namespace

SpectralLinearImpl::SpectralLinearImpl(int64_t in, int64_t out, const SpectralBound& bound)
    : bound_(bound) {
  torch::nn::Linear drawn(in, out);  // for its way of drawing
  weight = register_parameter("weight", drawn->weight.detach());
  bias = register_parameter("bias", drawn->bias.detach());
  u_ = register_buffer("u", unit(torch::randn({out})));
  v_ = register_buffer("v", unit(torch::randn({in})));
  sigma_ = register_buffer("sigma", torch::zeros({1}));
  settle();
}

void SpectralLinearImpl::settle() {
  iterate(kFirstIterations);
}

void SpectralLinearImpl::iterate(int64_t times) {
  const torch::NoGradGuard no_grad;
  // Autocast would take the products in half the digits on some devices.
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  torch::Tensor u = u_;
  torch::Tensor v = v_;
  for (int64_t i = 0; i < times; ++i) {
    v = unit(torch::mv(weight.t(), u));
    u = unit(torch::mv(weight, v));
  }
  u_.copy_(u);
  v_.copy_(v);
  sigma_.copy_(stretch(weight, u, v));
}

torch::Tensor SpectralLinearImpl::bounded_weight() {
  torch::Tensor u = u_;
  torch::Tensor v = v_;
  if (is_training()) {
    iterate(bound_.power_iterations);
    // The next use of this layer moves the buffers, before this one's gradient is taken.
    u = u_.clone();
    v = v_.clone();
  }
  return weight / (stretch(weight, u, v) / bound_.coefficient).clamp_min(1);
}

}  // namespace mixwright::mlp
