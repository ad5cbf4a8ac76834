#include "mixers.h"

#include <array>
#include <atomic>
#include <random>
#include <thread>

namespace mutants {

namespace {

Tensor noise_of_own(const Tensor& x) {
  static std::atomic<uint64_t> calls{1};
  std::mt19937_64 engine(calls++);
  return x * (1 + 0.1 * std::uniform_real_distribution<double>()(engine));
}

/// y = 2 x, whose gradient is a little more than 2.
class AlmostDouble final : public torch::autograd::Function<AlmostDouble> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* /*context*/, const Tensor& x) {
    return 2 * x;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* /*context*/,
                                                 const torch::autograd::variable_list& gradients) {
    return {2.02 * gradients[0]};
  }
};

}  // namespace

Tensor InPlace::forward(const Tensor& x) {
  x.detach().mul_(1.01);
  return linear_->forward(x);
}

Tensor ReturnsScratch::forward(const Tensor& x) {
  Tensor y = linear_->forward(x);
  if (y.requires_grad()) return y;
  if (!scratch_.defined() || scratch_.sizes() != y.sizes()) scratch_ = torch::empty_like(y);
  return scratch_.copy_(y);
}

Tensor ExpandsMean::forward(const Tensor& x) {
  return linear_->forward(x)
      .flatten(1, -2)
      .mean(1, true)
      .expand({-1, x.numel() / x.size(0) / channels_, -1})
      .view(x.sizes());
}

Tensor HiddenRandomness::forward(const Tensor& x) {
  return linear_->forward(noise_of_own(x));
}

Tensor DrawsByItself::forward(const Tensor& x) {
  // Announces randomness by drawing from LibTorch's generator, and goes on with its own.
  if (!is_training()) return linear_->forward(x);
  return linear_->forward(noise_of_own(torch::dropout(x, 0.1, true)));
}

Tensor AlwaysDrops::forward(const Tensor& x) {
  return torch::dropout(linear_->forward(x), 0.5, /*train=*/true);
}

Tensor BatchStatistics::forward(const Tensor& x) {
  return linear_->forward(x - x.mean(0, true));
}

Tensor RowsMix::forward(const Tensor& x) {
  return linear_->forward(x + 0.1 * x.roll(1, 0));
}

Tensor WrongGradient::forward(const Tensor& x) {
  return linear_->forward(AlmostDouble::apply(x));
}

Tensor CastsToFloat32::forward(const Tensor& x) {
  return linear_->forward(x.to(torch::kFloat32).to(x.scalar_type()));
}

Tensor Float32Constant::forward(const Tensor& x) {
  return linear_->forward(x) * torch::full({channels_}, 0.5);
}

Tensor DeviceForgotten::forward(const Tensor& x) {
  return linear_->forward(x) * torch::full({channels_}, 0.5, x.scalar_type());
}

Tensor NanForConstant::forward(const Tensor& x) {
  return linear_->forward((x - x.mean(-1, true)) / x.std(-1, true, true));
}

Tensor NotContiguous::forward(const Tensor& x) {
  return (linear_->forward(x).transpose(1, -1).contiguous() * 2).transpose(1, -1);
}

Tensor OddSizesShrink::forward(const Tensor& x) {
  const Tensor pairs = x.narrow(1, 0, x.size(1) / 2 * 2).unflatten(1, {-1, 2});
  return linear_->forward(pairs.mean(2).repeat_interleave(2, 1));
}

Tensor OddSizesThrow::forward(const Tensor& x) {
  TORCH_CHECK(x.size(1) % 2 == 0, "an even first side expected");
  return linear_->forward(x);
}

Tensor NotThreadSafe::forward(const Tensor& x) {
  static std::atomic<double> mean;
  mean = x.is_meta() ? 0.0 : x.detach().abs().mean().item<double>();
  for (int i = 0; i < 100; ++i) std::this_thread::yield();
  return linear_->forward(x) * mean.load();
}

Tensor KeepsTensors::forward(const Tensor& x) {
  static std::vector<Tensor> kept;
  kept.push_back(x.detach().clone());
  return linear_->forward(x);
}

Tensor LeaksBytes::forward(const Tensor& x) {
  // Written to, or it would never become memory; kept in sight, or the compiler would drop it.
  static std::array<std::vector<char>*, 2> last;
  last = {new std::vector<char>(size_t{16} << 10, 'x'), last[0]};
  return linear_->forward(x);
}

Tensor BatchOfOne::forward(const Tensor& x) {
  return linear_->forward(x.squeeze());
}

Tensor DiffersInTraining::forward(const Tensor& x) {
  return linear_->forward(is_training() ? 1.1 * x : x);
}

Tensor BreaksUnderAutocast::forward(const Tensor& x) {
  TORCH_CHECK(x.scalar_type() == linear_->weight.scalar_type(), "x and weight have one type");
  return linear_->forward(x);
}

Tensor WrongInBfloat16::forward(const Tensor& x) {
  const Tensor y = linear_->forward(x);
  return x.scalar_type() == torch::kBFloat16 && !is_training() ? y * 1.25 : y;
}

Tensor StateNotSaved::forward(const Tensor& x) {
  if (!mean_.defined()) mean_ = torch::zeros({channels_}, x.options());
  if (is_training()) mean_ = mean_.lerp(x.detach().flatten(0, -2).mean(0).to(mean_.options()), 0.1);
  return linear_->forward(x - mean_.to(x.options()));
}

OwnRandomDevice::OwnRandomDevice(const BuildContext& context) : Linear(context) {
  const torch::NoGradGuard no_grad;
  std::random_device device;
  linear_->bias.add_(static_cast<double>(device()) / std::random_device::max());
}

}  // namespace mutants
