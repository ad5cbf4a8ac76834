// Linear products and their gradients by oneDNN against LibTorch's own.

#include <cstdlib>

#include <gtest/gtest.h>

#include <mixwright/layers.h>

namespace mixwright {
namespace {

// Before the first product is asked for: whatever the processor, the tests want oneDNN.
const int kAsked = setenv("MIXWRIGHT_PRODUCTS", "onednn", /*overwrite=*/1);

using torch::autograd::grad;

constexpr double kProductBound = 3e-6;

double product_error(const torch::Tensor& ours, const torch::Tensor& expected) {
  EXPECT_EQ(ours.sizes(), expected.sizes());
  return ((ours - expected).abs().max() / expected.abs().max()).item<double>();
}

torch::Tensor leaf(at::IntArrayRef sizes) {
  return torch::randn(sizes).requires_grad_();
}

/// Output and gradients of both ways must agree.
template <class Ours, class Theirs>
void compare(const Ours& ours, const Theirs& theirs, const std::vector<torch::Tensor>& leaves) {
  const torch::Tensor y = ours();
  const torch::Tensor expected = theirs();
  EXPECT_LT(product_error(y, expected), kProductBound);
  EXPECT_TRUE(y.is_contiguous());
  const torch::Tensor r = torch::randn_like(y);
  const auto dy = grad({(y * r).sum()}, leaves);
  const auto expected_dy = grad({(expected * r).sum()}, leaves);
  for (size_t i = 0; i < leaves.size(); ++i) {
    EXPECT_LT(product_error(dy[i], expected_dy[i]), kProductBound) << "gradient " << i;
    EXPECT_TRUE(dy[i].is_contiguous());
  }
}

TEST(ApplyLinear, AnswersAndLearnsAsLibTorch) {
  torch::manual_seed(1);
  for (const auto& [rows, in, out] : std::vector<std::array<int64_t, 3>>{
           {128, 64, 96}, {130, 67, 129}, {1000, 96, 31}, {4, 1024, 512}}) {
    const torch::Tensor x = leaf({2, rows / 2, in});
    const torch::Tensor w = leaf({out, in});
    const torch::Tensor b = leaf({out});
    compare(
        [&] { return apply_linear(x, w, b); }, [&] { return torch::linear(x, w, b); }, {x, w, b});
    compare([&] { return apply_linear(x, w); }, [&] { return torch::linear(x, w); }, {x, w});
  }
}

TEST(ApplyLinear, TokensAnswerAndLearnAsAProductForEachSample) {
  torch::manual_seed(1);
  const torch::Tensor x = leaf({3, 196, 160});
  const torch::Tensor w = leaf({150, 196});
  const torch::Tensor b = leaf({150});
  ASSERT_GE(196 * 160 * 150, 4 * 1024 * 1024);  // large enough for oneDNN
  compare([&] { return apply_linear_to_tokens(x, w, b); },
          [&] { return torch::matmul(w, x) + b.view({1, -1, 1}); },
          {x, w, b});
  compare(
      [&] { return apply_linear_to_tokens(x, w); }, [&] { return torch::matmul(w, x); }, {x, w});
}

/// Gradients of gradients, as penalties on gradients ask for them.
TEST(ApplyLinear, IsDifferentiatedAgain) {
  torch::manual_seed(1);
  const torch::Tensor x = leaf({3, 196, 160});
  const torch::Tensor w = leaf({150, 196});
  const torch::Tensor v = leaf({170, 160});
  const auto penalty = [&](const torch::Tensor& y) {
    const auto dy = grad({y.pow(3).sum()}, {x, w, v}, {}, true, /*create_graph=*/true);
    return dy[0].square().sum() + dy[1].square().sum() + dy[2].square().sum();
  };
  const auto ours = grad({penalty(apply_linear(apply_linear_to_tokens(x, w), v))}, {x, w, v});
  const auto theirs = grad({penalty(torch::linear(torch::matmul(w, x), v))}, {x, w, v});
  for (size_t i = 0; i < ours.size(); ++i)
    EXPECT_LT(product_error(ours[i], theirs[i]), kProductBound) << i;
}

TEST(ApplyLinear, WhatOneDnnDoesNotTakeGoesToLibTorch) {
  torch::manual_seed(1);
  const torch::Tensor w = torch::randn({96, 64}, torch::kFloat64);
  const torch::Tensor x = torch::randn({128, 64}, torch::kFloat64);
  EXPECT_TRUE(apply_linear(x, w).equal(torch::linear(x, w)));
  const torch::Tensor turned = torch::randn({64, 128}).t();
  const torch::Tensor f = torch::randn({96, 64});
  EXPECT_TRUE(apply_linear(turned, f).equal(torch::linear(turned, f)));
  EXPECT_THROW(apply_linear(torch::randn({128, 63}), f), c10::Error);
  EXPECT_EQ(apply_linear(torch::randn({0, 64}), f).sizes(), (std::vector<int64_t>{0, 96}));
}

}  // namespace
}  // namespace mixwright
