// The counter against formulas written out by hand, with tensors that have values and with tensors
// that have none.

#include "framework/model/operation_counter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/model/meta_device.h"

namespace mixwright {
namespace {

using testing::Contains;
using testing::IsEmpty;
using torch::ones;

/// What `run` does, counted on the CPU and on the meta device, which must agree.
template <class Run>
model::OperationCounts counted(const Run& run) {
  const torch::NoGradGuard no_grad;
  model::OperationCounts real;
  {
    const model::OperationCounter counter;
    run();
    real = counter.counts();
  }
  const model::MetaDevice meta;
  const model::OperationCounter counter;
  run();
  EXPECT_EQ(counter.counts().total(), real.total());
  EXPECT_EQ(counter.counts().uncounted, real.uncounted);
  return real;
}

TEST(OperationCounter, LinearLayer) {
  const auto counts = counted([] { torch::linear(ones({2, 5, 7}), ones({11, 7}), ones({11})); });
  EXPECT_EQ(counts.total(), 2 * 5 * 7 * 11);
  EXPECT_THAT(counts.uncounted, IsEmpty());
}

TEST(OperationCounter, DepthwiseConvolution) {
  const auto counts = counted([] {
    torch::conv2d(ones({1, 8, 10, 12}), ones({8, 1, 3, 5}), ones({8}), 1, {1, 2}, 1, /*groups=*/8);
  });
  EXPECT_EQ(counts.total(), 8 * (10 * 12) * (3 * 5));
  EXPECT_THAT(counts.uncounted, IsEmpty());
}

TEST(OperationCounter, StridedConvolution) {
  // 17 x 15 under a kernel of 3, stride 2, padding 1: 9 x 8 places
  const auto counts = counted([] {
    torch::conv2d(ones({2, 3, 17, 15}), ones({6, 3, 3, 3}), {}, /*stride=*/2, /*padding=*/1);
  });
  EXPECT_EQ(counts.total(), 2 * 6 * (9 * 8) * 3 * (3 * 3));
  EXPECT_THAT(counts.uncounted, IsEmpty());
}

TEST(OperationCounter, GroupedDilatedConvolutionOfASequence) {
  // 20 places and one more on each side under a kernel that reaches over 5: 18 remain
  const auto counts = counted([] {
    torch::conv1d(ones({3, 4, 20}), ones({6, 2, 3}), {}, 1, 1, /*dilation=*/2, /*groups=*/2);
  });
  EXPECT_EQ(counts.total(), 3 * 6 * 18 * 2 * 3);
}

TEST(OperationCounter, TransposedConvolution) {
  // Each of the 5 x 4 places of 3 channels is spread over 2 x 2 places of 7 channels.
  const auto counts = counted(
      [] { torch::conv_transpose2d(ones({1, 3, 5, 4}), ones({3, 7, 2, 2}), {}, /*stride=*/2); });
  EXPECT_EQ(counts.total(), (5 * 4) * 3 * 7 * (2 * 2));
  EXPECT_THAT(counts.uncounted, IsEmpty());
}

TEST(OperationCounter, AttentionIsTwoProducts) {
  // 5 queries and 7 keys of width 4, values of width 6, in 2 x 3 heads
  const auto counts = counted([] {
    torch::scaled_dot_product_attention(ones({2, 3, 5, 4}), ones({2, 3, 7, 4}), ones({2, 3, 7, 6}));
  });
  EXPECT_EQ(counts.total(), 2 * 3 * (5 * 7) * (4 + 6));
  EXPECT_THAT(counts.uncounted, IsEmpty());
}

TEST(OperationCounter, ProductsOfMatricesAndVectors) {
  EXPECT_EQ(counted([] { torch::mm(ones({2, 3}), ones({3, 4})); }).total(), 2 * 3 * 4);
  EXPECT_EQ(counted([] { torch::bmm(ones({5, 2, 3}), ones({5, 3, 4})); }).total(), 5 * 2 * 3 * 4);
  EXPECT_EQ(counted([] { torch::matmul(ones({5, 2, 3}), ones({3, 4})); }).total(), 5 * 2 * 3 * 4);
  EXPECT_EQ(counted([] { torch::mv(ones({2, 3}), ones({3})); }).total(), 2 * 3);
  const auto einsum =
      counted([] { torch::einsum("bnc,nm->bmc", {ones({5, 2, 3}), ones({2, 4})}); });
  EXPECT_EQ(einsum.total(), 5 * 2 * 3 * 4);
  EXPECT_THAT(einsum.uncounted, IsEmpty());
}

TEST(OperationCounter, ElementwiseWorkIsFree) {
  const auto counts = counted([] {
    const torch::Tensor x = ones({2, 3, 8, 8});
    torch::gelu(torch::relu(x * 2 + 1));
    torch::layer_norm(x, {8});
    torch::avg_pool2d(x, 2);
    torch::softmax(x, -1);
  });
  EXPECT_EQ(counts.total(), 0);
  EXPECT_THAT(counts.uncounted, IsEmpty());
}

TEST(OperationCounter, ProductsWithoutARuleAreListed) {
  const torch::NoGradGuard no_grad;
  const model::OperationCounter counter;
  torch::addmv(ones({2}), ones({2, 3}), ones({3}));
  torch::addbmm(ones({2, 4}), ones({5, 2, 3}), ones({5, 3, 4}));
  EXPECT_EQ(counter.counts().total(), 0);
  EXPECT_THAT(counter.counts().uncounted, Contains("aten::addmv"));
  EXPECT_THAT(counter.counts().uncounted, Contains("aten::addbmm"));
}

TEST(OperationCounter, NamesThatOnlyLookLikeProductsAreNotListed) {
  const torch::NoGradGuard no_grad;
  const model::OperationCounter counter;
  torch::lgamma(ones({3}));
  torch::upsample_bilinear2d(ones({1, 2, 3, 3}), {6, 6}, /*align_corners=*/false);
  EXPECT_THAT(counter.counts().uncounted, IsEmpty());
}

}  // namespace
}  // namespace mixwright
