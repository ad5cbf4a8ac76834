// StarReLU in one pass against its formula in float64.

#include "plugins/activations/star_relu.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace mixwright::activations {
namespace {

using torch::autograd::grad;

struct Case {
  at::ScalarType type;
  int64_t size;
  double bound;  // roundings of the type on the way
};

class StarReluInOnePass : public testing::TestWithParam<Case> {};

double error(const torch::Tensor& ours, const torch::Tensor& expected) {
  return ((ours.to(torch::kDouble) - expected).abs().max() / expected.abs().max()).item<double>();
}

/// Output, the gradients of x, scale and bias, and those of the sum of squares of x's gradient.
std::vector<torch::Tensor> all_of(StarRelu& layer,
                                  const torch::Tensor& values,
                                  const torch::Tensor& r) {
  const torch::Tensor x = values.detach().requires_grad_();
  const torch::Tensor y = layer.forward(x);
  std::vector<torch::Tensor> leaves = {x};
  for (const auto& parameter : layer.parameters()) leaves.push_back(parameter);
  std::vector<torch::Tensor> all = {y};
  for (const auto& g : grad({(y * r).sum()}, leaves)) all.push_back(g);
  const auto dx = grad({(layer.forward(x) * r).sum()}, {x}, {}, true, true)[0];
  for (const auto& g : grad({dx.to(torch::kDouble).square().sum()}, {x, leaves[1]}))
    all.push_back(g);
  return all;
}

TEST_P(StarReluInOnePass, AgreesWithItsFormula) {
  torch::manual_seed(1);
  const auto [type, size, bound] = GetParam();
  StarRelu layer({.scale = 0.75, .bias = -0.25});
  StarRelu exact({.scale = 0.75, .bias = -0.25});
  exact.to(torch::kDouble);  // which is computed by LibTorch's operations
  const torch::Tensor x = torch::randn({size}).to(type);
  const torch::Tensor r = (torch::randn({size}) + 0.5).to(type);
  const auto ours = all_of(layer, x, r);
  const auto expected = all_of(exact, x.to(torch::kDouble), r.to(torch::kDouble));
  EXPECT_EQ(ours[0].scalar_type(), type);
  EXPECT_EQ(ours[2].scalar_type(), torch::kFloat);
  for (size_t i = 0; i < ours.size(); ++i) EXPECT_LT(error(ours[i], expected[i]), bound) << i;
}

INSTANTIATE_TEST_SUITE_P(Types,
                         StarReluInOnePass,
                         testing::Values(Case{torch::kFloat, 23, 1e-6},
                                         Case{torch::kFloat, 100000, 1e-6},
                                         Case{torch::kBFloat16, 23, 0.02},
                                         Case{torch::kBFloat16, 100000, 0.02}));

TEST(StarRelu, KeepsWhatIsNotANumber) {
  StarRelu layer({});
  using Limits = std::numeric_limits<double>;
  const double infinity = Limits::infinity();
  for (const auto type : {torch::kFloat, torch::kBFloat16, torch::kDouble}) {
    const torch::Tensor x =
        torch::tensor(std::vector<double>{Limits::quiet_NaN(), infinity, -infinity}).to(type);
    const torch::Tensor y = layer.forward(x);
    EXPECT_TRUE(y[0].isnan().item<bool>()) << type;
    EXPECT_TRUE(y[1].isinf().item<bool>()) << type;
    EXPECT_NEAR(y[2].item<double>(), -0.4472, 2e-3) << type;
  }
}

TEST(StarRelu, TakesNoSamplesAndViews) {
  StarRelu layer({});
  EXPECT_EQ(layer.forward(torch::empty({0, 4})).numel(), 0);
  const torch::Tensor x = torch::randn({6, 8});
  EXPECT_TRUE(torch::allclose(layer.forward(x.t()), layer.forward(x).t()));
}

}  // namespace
}  // namespace mixwright::activations
