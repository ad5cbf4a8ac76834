#include <gtest/gtest.h>
#include <torch/torch.h>

#include <mixwright/layers.h>

namespace mixwright {
namespace {

ConvolutionSizes sizes_of(int64_t channels, int64_t groups, std::vector<int64_t> kernel) {
  ConvolutionSizes sizes;
  sizes.in = channels;
  sizes.out = channels;
  sizes.groups = groups;
  sizes.kernel = std::move(kernel);
  return sizes;
}

/// Length of the error of bfloat16's weight gradient, as a share of the right one's.
double error_in_bfloat16(const std::vector<int64_t>& grid, std::vector<int64_t> kernel) {
  constexpr int64_t kChannels = 32;
  GridConvolution layer(sizes_of(kChannels, kChannels, std::move(kernel)));
  std::vector<int64_t> shape = {3};
  shape.insert(shape.end(), grid.begin(), grid.end());
  shape.push_back(kChannels);
  const torch::Tensor x = torch::randn(shape).to(torch::kBFloat16);
  const torch::Tensor cotangent = torch::randn(shape).to(torch::kBFloat16);
  const auto gradient_in = [&](torch::ScalarType dtype) {
    layer->to(dtype);
    layer->zero_grad();
    (layer->forward(x.to(dtype)) * cotangent.to(dtype)).sum().backward();
    return layer->weight.grad().to(torch::kFloat64).clone();
  };
  const torch::Tensor rounded = gradient_in(torch::kBFloat16);
  const torch::Tensor exact = gradient_in(torch::kFloat64);
  return (rounded - exact).norm().item<double>() / exact.norm().item<double>();
}

// LibTorch's own conv3d is off by about the whole length here, and overwrites memory; layers.cpp
// says when.
TEST(GridConvolution, GradientsInBFloat16AreRightOnGridsSmallerThanTheKernel) {
  for (const std::vector<int64_t>& grid : std::vector<std::vector<int64_t>>{
           {2, 8, 8}, {4, 8, 8}, {4, 4, 4}, {1, 4, 4}, {8, 4, 8}, {8, 8, 8}}) {
    EXPECT_LT(error_in_bfloat16(grid, {7, 7, 7}), 0.02) << grid;
    EXPECT_LT(error_in_bfloat16(grid, {3, 3, 3}), 0.02) << grid;
  }
  EXPECT_LT(error_in_bfloat16({4, 4}, {7, 7}), 0.02);
  EXPECT_LT(error_in_bfloat16({4}, {7}), 0.02);
}

TEST(GridConvolution, PaddingBeforehandChangesNothing) {
  for (const int64_t kernel : {4, 5, 7}) {
    GridConvolution layer(sizes_of(4, 2, {kernel, 3, 3}));
    layer->to(torch::kFloat64);
    const torch::Tensor x = torch::randn({2, 3, 6, 5, 4}, torch::kFloat64);
    // Zeros at the far end reach only those outputs that see them.
    const torch::Tensor longer = torch::constant_pad_nd(x, {0, 0, 0, 0, 0, 0, 0, 9});
    EXPECT_TRUE(layer->forward(x).allclose(layer->forward(longer).narrow(1, 0, 3))) << kernel;
  }
}

}  // namespace
}  // namespace mixwright
