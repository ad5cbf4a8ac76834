#pragma once

#include "bilinear.h"

namespace mixwright::energy {

struct ConvolutionalOptions {
  int64_t kernel = 3;
  int64_t stride = 1;
  double init_std = 0.02;
};
MIXWRIGHT_OPTIONS(
    ConvolutionalOptions,
    field("kernel", &ConvolutionalOptions::kernel)
        .at_least(1)
        .odd()
        .doc("side of the window; the grid is padded by half of it"),
    field("stride", &ConvolutionalOptions::stride).at_least(1).doc("step of the window"),
    field("init_std", &ConvolutionalOptions::init_std)
        .at_least(0)
        .doc("standard deviation of the first weights"))

/// A layer of feature maps with the layer that it looks at through a window.
///
///   E = -<g_1, W * g_2>, * the convolution (as in networks, a correlation)
///   force on layer 2: the transposed convolution of g_1
///
/// Shape: g_2 [B, *grid, C_2], one to three dimensions; g_1 [B, *(grid - 1) / stride + 1, C_1].
/// Params: ConvolutionalOptions; `weight` W [C_1, C_2, *kernel].
/// Throws: Error where the first layer's grid is not what the window makes of the second's.
/// Source: Krotov 2021, arXiv:2107.06446 sec. 4 (convolutional layers of a hierarchical memory).
/// Deviates: no pooling.
class Convolutional final : public Bilinear {
 public:
  using Options = ConvolutionalOptions;
  Convolutional(const Options& options, const BuildContext& context);

 protected:
  torch::Tensor there(const torch::Tensor& second, at::IntArrayRef first_sizes) const override;
  torch::Tensor back(const torch::Tensor& first, at::IntArrayRef second_sizes) const override;

 private:
  std::vector<int64_t> stride_;
  std::vector<int64_t> padding_;
  torch::Tensor weight_;
};

}  // namespace mixwright::energy
