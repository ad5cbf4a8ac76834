// What the golden case does not show: the bound of the inner weights, and that the iteration has an
// end.

#include "plugins/mlp/invertible_mlp.h"

#include <gtest/gtest.h>

namespace mixwright::mlp {
namespace {

double largest_singular_value(const torch::Tensor& matrix) {
  return torch::linalg_svdvals(matrix.detach()).max().item<double>();
}

TEST(SpectralLinear, BoundsWeightsThatStretchTooMuch) {
  torch::manual_seed(1);
  SpectralLinear layer(12, 9, SpectralBound{0.9, 8});
  const torch::NoGradGuard no_grad;
  layer->weight.mul_(20);
  ASSERT_GT(largest_singular_value(layer->weight), 2.0);
  layer->settle();
  layer->eval();
  EXPECT_NEAR(largest_singular_value(layer->bounded_weight()), 0.9, 1e-3);
}

TEST(SpectralLinear, LeavesOtherWeightsAsTheyAre) {
  torch::manual_seed(1);
  SpectralLinear layer(12, 9, SpectralBound{0.9, 8});
  const torch::NoGradGuard no_grad;
  layer->weight.mul_(0.1);
  layer->settle();
  EXPECT_TRUE(layer->bounded_weight().equal(layer->weight));
}

TEST(SpectralLinear, FollowsItsWeightInTrainingAlone) {
  torch::manual_seed(1);
  SpectralLinear layer(12, 9, SpectralBound{0.9, 8});
  const torch::NoGradGuard no_grad;
  const torch::Tensor u = layer->named_buffers()["u"];
  layer->weight.copy_(torch::randn_like(layer->weight));
  const torch::Tensor before = u.clone();
  layer->eval();
  layer->bounded_weight();
  EXPECT_TRUE(u.equal(before));
  layer->train();
  for (int i = 0; i < 20; ++i) layer->bounded_weight();
  EXPECT_FALSE(u.equal(before));
  const torch::Tensor first = std::get<0>(torch::linalg_svd(layer->weight)).select(1, 0);
  EXPECT_NEAR(u.dot(first).abs().item<double>(), 1.0, 1e-3);
}

/// One that was drawn from a seed, with larger inner weights than are drawn.
torch::Tensor answer(int64_t iterations) {
  torch::manual_seed(3);
  InvertibleMlpOptions options;
  options.activation = {};
  options.hidden = 10;
  options.iterations = iterations;
  BuildContext context;
  context.shape.grid = {7};
  context.shape.channels = 4;
  InvertibleMlp mixer(options, context);
  const torch::NoGradGuard no_grad;
  for (const char* name : {"sn1.weight", "sn2.weight"}) mixer.named_parameters()[name].mul_(10);
  mixer.initialize();
  mixer.eval();
  return mixer.forward_in_context(torch::randn({2, 7, 4}), Context{});
}

TEST(InvertibleMlp, GoesToAFixedPoint) {
  const torch::Tensor limit = answer(120);
  const auto distance = [&](int64_t iterations) {
    return (answer(iterations) - limit).abs().max().item<double>();
  };
  EXPECT_GT(distance(1), 1e-2);
  EXPECT_LT(distance(119), 1e-5);
}

}  // namespace
}  // namespace mixwright::mlp
