#include <cmath>

#include <mixwright/error.h>
#include <mixwright/gradient_check.h>

namespace mixwright {

namespace {

constexpr double kStep = 1e-6;
constexpr double kTolerance = 1e-4;

struct Derivative {
  double value = 0;
  double scale = 1e-12;  ///< sum of the points' shares, which may cancel in the value
};

Derivative by_autograd(const torch::Tensor& result,
                       const std::vector<torch::Tensor>& points,
                       const std::vector<torch::Tensor>& directions) {
  const auto gradients = torch::autograd::grad(
      {result}, points, {}, std::nullopt, /*create_graph=*/false, /*allow_unused=*/true);
  Derivative derivative;
  for (size_t i = 0; i < points.size(); ++i) {
    if (!gradients[i].defined()) continue;
    const double share = (gradients[i] * directions[i]).sum().item<double>();
    derivative.value += share;
    derivative.scale += std::abs(share);
  }
  return derivative;
}

}  // namespace

std::string gradient_failure(const TensorFunction& function,
                             const std::vector<torch::Tensor>& points) {
  std::vector<torch::Tensor> leaves;
  std::vector<torch::Tensor> directions;
  for (const torch::Tensor& point : points) {
    if (point.scalar_type() != torch::kFloat64) {
      throw Error(std::string("gradient check: a point is ") + c10::toString(point.scalar_type()) +
                  ", double expected: differences of anything shorter are rounding");
    }
    // A parameter stays itself, for `function` reaches it through its layer.
    leaves.push_back(point.requires_grad() ? point : point.detach().requires_grad_());
    directions.push_back(torch::randn_like(point));
  }
  const torch::Tensor y = function(leaves);
  const torch::Tensor cotangent = torch::randn_like(y);
  if (!y.requires_grad()) return "the output does not depend on the input";
  const Derivative expected = by_autograd((y * cotangent).sum(), leaves, directions);

  const torch::NoGradGuard no_grad;
  const auto move = [&](double distance) {
    for (size_t i = 0; i < leaves.size(); ++i) leaves[i].add_(directions[i], distance);
  };
  const auto value = [&] { return (function(leaves) * cotangent).sum().item<double>(); };
  move(kStep);
  const double above = value();
  move(-2 * kStep);
  const double below = value();
  move(kStep);
  const double numeric = (above - below) / (2 * kStep);
  if (std::abs(numeric - expected.value) <= kTolerance * expected.scale) return "";
  return "directional derivative " + std::to_string(expected.value) + ", by finite differences " +
         std::to_string(numeric);
}

}  // namespace mixwright
