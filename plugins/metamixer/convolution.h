#pragma once

#include <torch/torch.h>

#include <mixwright/interaction.h>

namespace mixwright::metamixer {

struct ConvolutionOptions {
  bool bias = false;
};

MIXWRIGHT_OPTIONS(
    ConvolutionOptions,
    field("bias", &ConvolutionOptions::bias).doc("adds a learned number for each channel"))

/// The right operand as a kernel that slides over the left one, each channel apart.
///
///   y = right * left (+ bias), * the convolution over the grid, with padding that keeps it
///
/// Shape: left [B, *grid, C], right [R, *kernel, C] with odd sides -> [B, *grid, C].
/// Params: ConvolutionOptions. `bias`: [C].
/// Throws: Error where channels or dimensions of the grid differ, a side is even, or the grid has
///   prefix tokens.
/// Source: Yun, Lee, Ro 2024, arXiv:2406.02021 (kernels as keys and values); Howard et al. 2017,
///   arXiv:1704.04861, eq. 3.
/// Deviates: kernels may be made of the input, too.
class Convolution final : public Interaction {
 public:
  using Options = ConvolutionOptions;
  Convolution(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& left, const torch::Tensor& kernel) override;

 private:
  torch::Tensor bias_;  // undefined without
};

}  // namespace mixwright::metamixer
