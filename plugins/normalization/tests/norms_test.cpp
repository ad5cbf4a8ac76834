// The norms against LibTorch's own on channels-first copies, and against their equations.

#include <gtest/gtest.h>

#include "plugins/normalization/batch_norm.h"
#include "plugins/normalization/group_norm.h"
#include "plugins/normalization/layer_norm.h"

namespace mixwright::norms {
namespace {

BuildContext context_for(std::vector<int64_t> grid, int64_t channels) {
  BuildContext context;
  context.shape.grid = std::move(grid);
  context.shape.channels = channels;
  return context;
}

template <class Part>
void randomise(Part& part) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : part.parameters()) parameter.add_(torch::randn_like(parameter));
}

torch::Tensor parameter(const Part& part, const std::string& name) {
  return part.named_parameters()[name];
}

TEST(LayerNorm, SpansAllTokensWithOneWeightPerChannel) {
  torch::manual_seed(1);
  LayerNorm norm({.over = Over::kAll, .affine = Affine::kChannels}, context_for({5, 6}, 8));
  randomise(norm);
  const torch::Tensor x = torch::randn({3, 5, 6, 8}) * 2 + 1;
  const torch::Tensor mean = x.mean({1, 2, 3}, true);
  const torch::Tensor variance = (x - mean).square().mean({1, 2, 3}, true);
  const torch::Tensor expected =
      (x - mean) / (variance + 1e-6).sqrt() * parameter(norm, "weight") + parameter(norm, "bias");
  EXPECT_TRUE(torch::allclose(norm.forward(x), expected, 1e-5, 1e-5));
}

TEST(LayerNorm, RefusesAnotherGridThanItsWeightsHave) {
  LayerNorm norm({.over = Over::kAll}, context_for({4, 4}, 8));
  EXPECT_THROW(norm.forward(torch::randn({2, 4, 5, 8})), Error);
}

TEST(LayerNorm, OneWeightPerChannelWorksOnAnyGrid) {
  LayerNorm norm({.over = Over::kAll, .affine = Affine::kChannels}, context_for({4, 4}, 8));
  EXPECT_EQ(norm.forward(torch::randn({2, 4, 5, 8})).sizes(), torch::IntArrayRef({2, 4, 5, 8}));
}

class GroupNormGroups : public testing::TestWithParam<int64_t> {};
INSTANTIATE_TEST_SUITE_P(Groups, GroupNormGroups, testing::Values(1, 2, 8));

TEST_P(GroupNormGroups, EqualsLibTorchOnChannelsFirst) {
  torch::manual_seed(2);
  GroupNorm norm({.groups = GetParam()}, context_for({3, 4, 2}, 8));
  randomise(norm);
  const torch::Tensor x = torch::randn({3, 3, 4, 2, 8}) + 1;
  const torch::Tensor expected =
      torch::group_norm(
          x.movedim(-1, 1), GetParam(), parameter(norm, "weight"), parameter(norm, "bias"), 1e-5)
          .movedim(1, -1);
  EXPECT_TRUE(torch::allclose(norm.forward(x), expected, 1e-5, 1e-5));
  EXPECT_TRUE(norm.forward(x).is_contiguous());
}

TEST(GroupNorm, RefusesGroupsThatDoNotDivideTheChannels) {
  EXPECT_THROW(GroupNorm({.groups = 3}, context_for({4}, 8)), Error);
}

TEST(BatchNorm, TrainsAndEvaluatesAsLibTorchDoes) {
  torch::manual_seed(3);
  BatchNorm norm({}, context_for({5, 6}, 8));
  torch::nn::BatchNorm2d reference(8);
  for (int step = 0; step < 3; ++step) {
    const torch::Tensor x = torch::randn({2, 5, 6, 8}) * (step + 1) + step;
    const torch::Tensor expected = reference(x.movedim(-1, 1).contiguous()).movedim(1, -1);
    EXPECT_TRUE(torch::allclose(norm.forward(x), expected, 1e-5, 1e-5));
  }
  const auto buffers = norm.named_buffers();
  EXPECT_TRUE(torch::allclose(buffers["running_mean"], reference->running_mean));
  EXPECT_TRUE(torch::allclose(buffers["running_var"], reference->running_var));
  EXPECT_EQ(buffers["num_batches_tracked"].item<int64_t>(), 3);

  norm.eval();
  reference->eval();
  const torch::Tensor x = torch::randn({2, 5, 6, 8});
  EXPECT_TRUE(
      torch::allclose(norm.forward(x), reference(x.movedim(-1, 1)).movedim(1, -1), 1e-5, 1e-5));
  EXPECT_EQ(buffers["num_batches_tracked"].item<int64_t>(), 3);
}

TEST(BatchNorm, RefusesToTrainOnOneValuePerChannel) {
  BatchNorm norm({}, context_for({1}, 8));
  EXPECT_THROW(norm.forward(torch::randn({1, 1, 8})), Error);
  norm.eval();
  EXPECT_NO_THROW(norm.forward(torch::randn({1, 1, 8})));
}

}  // namespace
}  // namespace mixwright::norms
