#include <cstdlib>

#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <mixwright/layers.h>

#include "framework/io/child_process.h"
#include "tests/support/folder.h"

namespace mixwright {
namespace {

/// A depthwise convolution by ours and by LibTorch, from the same values.
struct Twins {
  std::vector<torch::Tensor> ours;  // output, gradient of input, weight and bias
  std::vector<torch::Tensor> theirs;
};

ConvolutionSizes depthwise(int64_t channels, std::vector<int64_t> kernel) {
  ConvolutionSizes sizes;
  sizes.in = channels;
  sizes.out = channels;
  sizes.groups = channels;
  sizes.kernel = std::move(kernel);
  return sizes;
}

Twins twins(int64_t channels,
            const std::vector<int64_t>& kernel,
            const std::vector<int64_t>& grid) {
  torch::manual_seed(1);
  GridConvolution layer(depthwise(channels, kernel));
  std::vector<int64_t> shape = {3};
  shape.insert(shape.end(), grid.begin(), grid.end());
  shape.push_back(channels);
  const torch::Tensor x = torch::randn(shape).requires_grad_();
  const torch::Tensor y = layer->forward(x);
  const torch::Tensor g = torch::randn_like(y);
  Twins result;
  result.ours = torch::autograd::grad({y}, {x, layer->weight, layer->bias}, {g});
  result.ours.insert(result.ours.begin(), y.detach());

  std::vector<int64_t> padding;
  for (const int64_t side : kernel) padding.push_back((side - 1) / 2);
  const torch::Tensor moved = x.movedim(-1, 1);
  const torch::Tensor reference =
      (kernel.size() == 1
           ? torch::conv1d(moved, layer->weight, layer->bias, 1, padding, 1, channels)
           : torch::conv2d(moved, layer->weight, layer->bias, 1, padding, 1, channels))
          .movedim(1, -1);
  result.theirs = torch::autograd::grad({reference}, {x, layer->weight, layer->bias}, {g});
  result.theirs.insert(result.theirs.begin(), reference.detach());
  return result;
}

double relative_error(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a.to(torch::kDouble) - b.to(torch::kDouble)).norm() / b.to(torch::kDouble).norm())
      .item<double>();
}

TEST(DepthwiseTest, GradientsEqualThoseOfLibTorch) {
  struct Case {
    int64_t channels;
    std::vector<int64_t> kernel;
    std::vector<int64_t> grid;
  };
  // Channels below, at and beside a multiple of the 16 that are worked on at once; kernels larger
  // than the grid; one that LibTorch keeps (13).
  for (const Case& c : {Case{16, {3, 3}, {7, 5}},
                        Case{5, {5, 5}, {8, 8}},
                        Case{37, {7, 7}, {4, 9}},
                        Case{48, {1, 11}, {6, 20}},
                        Case{32, {9, 3}, {3, 3}},
                        Case{20, {13, 13}, {14, 14}},
                        Case{33, {5}, {12}}}) {
    const Twins pair = twins(c.channels, c.kernel, c.grid);
    for (size_t i = 0; i < pair.ours.size(); ++i) {
      EXPECT_LT(relative_error(pair.ours[i], pair.theirs[i]), 2e-6)
          << "tensor " << i << " of kernel " << c.kernel << ", " << c.channels << " channels";
    }
  }
}

TEST(DepthwiseTest, EveryInstructionSetGivesThem) {
  const test::TestFolder folder("mixwright-depthwise");
  for (const char* capability : {"default", "avx2"}) {
    ::setenv("ATEN_CPU_CAPABILITY", capability, 1);
    const auto messages = folder / capability;
    EXPECT_EQ(io::run_child("/proc/self/exe",
                            {"--gtest_filter=DepthwiseTest.GradientsEqualThoseOfLibTorch"},
                            messages),
              0)
        << capability << ": " << io::last_line(messages);
  }
  ::unsetenv("ATEN_CPU_CAPABILITY");
}

TEST(DepthwiseTest, AutocastComputesInBfloat16WithFloatGradients) {
  torch::manual_seed(1);
  GridConvolution layer(depthwise(24, {5, 5}));
  const torch::Tensor x = torch::randn({4, 10, 10, 24}).requires_grad_();
  const auto gradients = [&](bool cast) {
    at::autocast::set_autocast_enabled(at::kCPU, cast);
    const torch::Tensor y = layer->forward(x);
    at::autocast::set_autocast_enabled(at::kCPU, false);
    EXPECT_EQ(y.scalar_type(), cast ? torch::kBFloat16 : torch::kFloat);
    return torch::autograd::grad({y.to(torch::kFloat).square().sum()}, {x, layer->weight});
  };
  const auto exact = gradients(false);
  const auto cast = gradients(true);
  for (size_t i = 0; i < exact.size(); ++i) {
    EXPECT_EQ(cast[i].scalar_type(), torch::kFloat);
    EXPECT_LT(relative_error(cast[i], exact[i]), 1e-2) << i;
  }
}

TEST(DepthwiseTest, CanBeDifferentiatedTwice) {
  torch::manual_seed(1);
  GridConvolution layer(depthwise(8, {3, 3}));
  const torch::Tensor x = torch::randn({2, 6, 6, 8}).requires_grad_();
  const auto second = [&](const torch::Tensor& y) {
    const auto first = torch::autograd::grad(
        {y.pow(3).sum()}, {x}, {}, /*retain_graph=*/true, /*create_graph=*/true);
    return torch::autograd::grad({first[0].square().sum()}, {x, layer->weight});
  };
  const auto ours = second(layer->forward(x));
  const auto theirs = second(
      torch::conv2d(x.movedim(-1, 1), layer->weight, layer->bias, 1, 1, 1, 8).movedim(1, -1));
  for (size_t i = 0; i < ours.size(); ++i) EXPECT_LT(relative_error(ours[i], theirs[i]), 1e-5);
}

}  // namespace
}  // namespace mixwright
