// Attention in bfloat16 by products over all heads, against the same in float64.

#include <gtest/gtest.h>

#include <mixwright/attention.h>

namespace mixwright {
namespace {

using torch::autograd::grad;

constexpr double kBfloat16 = 0.0078125;  // its spacing at 1

double error(const torch::Tensor& ours, const torch::Tensor& expected) {
  return ((ours.to(torch::kDouble) - expected).abs().max() / expected.abs().max()).item<double>();
}

struct Case {
  int64_t queries, tokens;
  bool masked;
};

class Attention : public testing::TestWithParam<Case> {};

// Three roundings to bfloat16 lie on the way to an output, five on the way to a gradient.
TEST_P(Attention, AgreesWithFloat64) {
  torch::manual_seed(1);
  const auto [n, m, masked] = GetParam();
  const auto leaf = [](at::IntArrayRef sizes) {
    return torch::randn(sizes).to(torch::kBFloat16).requires_grad_();
  };
  const std::vector<torch::Tensor> leaves = {
      leaf({3, 2, n, 16}), leaf({3, 2, m, 16}), leaf({3, 2, m, 24})};
  std::vector<torch::Tensor> exact;
  for (const auto& x : leaves) exact.push_back(x.detach().to(torch::kDouble).requires_grad_());
  std::optional<torch::Tensor> mask;
  std::optional<torch::Tensor> exact_mask;
  if (masked) {
    mask = torch::randn({1, 2, n, m});
    exact_mask = mask->to(torch::kBFloat16).to(torch::kDouble);
  }
  const torch::Tensor y = attend(leaves[0], leaves[1], leaves[2], mask);
  const torch::Tensor expected =
      torch::scaled_dot_product_attention(exact[0], exact[1], exact[2], exact_mask);
  EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
  EXPECT_EQ(y.sizes(), expected.sizes());
  EXPECT_LT(error(y, expected), 3 * kBfloat16);
  const torch::Tensor r = torch::randn_like(expected);
  const auto dy = grad({(y * r.to(torch::kBFloat16)).sum()}, leaves);
  const auto expected_dy =
      grad({(expected * r.to(torch::kBFloat16).to(torch::kDouble)).sum()}, exact);
  for (size_t i = 0; i < leaves.size(); ++i) {
    EXPECT_LT(error(dy[i], expected_dy[i]), 5 * kBfloat16) << "gradient " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes,
                         Attention,
                         testing::Values(Case{49, 49, false},
                                         Case{49, 49, true},
                                         Case{5, 31, false},
                                         Case{300, 300, false}));  // more than is taken by products

// A row that its mask leaves nothing of must stay zeros, so such masks are LibTorch's.
TEST(AttentionMask, ExcludesAllTokensOfARow) {
  const torch::Tensor x = torch::randn({1, 1, 4, 8}).to(torch::kBFloat16);
  torch::Tensor mask = torch::ones({1, 1, 4, 4}, torch::kBool);
  mask[0][0][2].fill_(false);
  const torch::Tensor y = attend(x, x, x, mask);
  EXPECT_FALSE(y.isnan().any().item<bool>());
}

// What float32 gives is LibTorch's to the last bit, in training and in use.
TEST(AttentionMask, LeavesFloat32ToLibTorch) {
  const torch::Tensor x = torch::randn({2, 3, 20, 8});
  EXPECT_TRUE(torch::equal(attend(x, x, x), torch::scaled_dot_product_attention(x, x, x)));
  EXPECT_TRUE(torch::equal(attend(x, x, x, std::nullopt, 0.0, true),
                           torch::scaled_dot_product_attention(x, x, x, std::nullopt, 0.0, true)));
}

// A dropped weight is gone and the others are scaled up: with equal values the mean stays.
TEST(AttentionMask, DropsWeightsInTraining) {
  torch::manual_seed(1);
  const torch::Tensor x = torch::zeros({64, 4, 32, 8}, torch::kBFloat16);
  const torch::Tensor y = attend(x, x, torch::ones_like(x), std::nullopt, 0.5);
  EXPECT_NEAR(y.to(torch::kFloat).mean().item<double>(), 1.0, 0.02);
  EXPECT_GT(y.to(torch::kFloat).std().item<double>(), 0.1);
}

}  // namespace
}  // namespace mixwright
