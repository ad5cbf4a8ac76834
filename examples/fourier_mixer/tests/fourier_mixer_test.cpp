// The mixer against its equation, written out in cosines.

#include "fourier_mixer.h"

#include <cmath>
#include <iostream>

#include <mixwright/gradient_check.h>

namespace {

int failures = 0;

void expect(bool fine, const std::string& what) {
  if (fine) return;
  std::cerr << "failed: " << what << "\n";
  ++failures;
}

FourierMixer mixer_with(bool orthonormal) {
  FourierMixerOptions options;
  options.orthonormal = orthonormal;
  return {options, mixwright::BuildContext()};
}

/// cos(2 pi j k / n) and sin(2 pi j k / n), [n, n] each.
std::pair<torch::Tensor, torch::Tensor> waves(int64_t n) {
  const torch::Tensor j = torch::arange(n, torch::kFloat64);
  const torch::Tensor angle = torch::outer(j, j) * (2 * M_PI / static_cast<double>(n));
  return {angle.cos(), angle.sin()};
}

void is_its_equation() {
  const torch::Tensor x = torch::randn({2, 3, 5, 6}, torch::kFloat64);  // N = 15, C = 6
  const auto [token_cos, token_sin] = waves(15);
  const auto [channel_cos, channel_sin] = waves(6);
  const torch::Tensor tokens = x.view({2, 15, 6});
  // cos(a + b) = cos a cos b - sin a sin b
  const torch::Tensor expected =
      (token_cos.matmul(tokens).matmul(channel_cos) - token_sin.matmul(tokens).matmul(channel_sin))
          .view(x.sizes());
  expect(mixer_with(false).forward(x).allclose(expected, 1e-10, 1e-10), "the equation");
  expect(mixer_with(true).forward(x).allclose(expected / std::sqrt(90.0), 1e-10, 1e-10),
         "the equation over sqrt(N C)");
}

void has_the_right_gradient() {
  FourierMixer mixer = mixer_with(true);
  const std::string failure = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& points) { return mixer.forward(points[0]); },
      {torch::randn({2, 4, 3, 5}, torch::kFloat64)});
  expect(failure.empty(), failure);
}

void takes_short_floats() {
  const torch::Tensor x = torch::randn({1, 4, 4, 8});
  const torch::Tensor y = mixer_with(true).forward(x.to(torch::kBFloat16));
  expect(y.scalar_type() == torch::kBFloat16, "bfloat16 in, bfloat16 out");
  expect(y.to(torch::kFloat32).allclose(mixer_with(true).forward(x), 0.02, 0.02),
         "bfloat16 near float32");
}

}  // namespace

int main() {
  torch::manual_seed(1);
  is_its_equation();
  has_the_right_gradient();
  takes_short_floats();
  return failures == 0 ? 0 : 1;
}
