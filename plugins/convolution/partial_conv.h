#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <torch/torch.h>

#include <mixwright/inference.h>
#include <mixwright/layers.h>
#include <mixwright/token_mixer.h>

namespace mixwright::convolution {

struct PartialConvOptions {
  int64_t divide = 4;  // arXiv:2303.03667: r = 1/4
  int64_t kernel = 3;
  std::vector<int64_t> kernels;
  bool bias = false;
};

MIXWRIGHT_OPTIONS(PartialConvOptions,
                  field("divide", &PartialConvOptions::divide)
                      .at_least(1)
                      .doc("the first C / divide channels are convolved, the others pass"),
                  field("kernel", &PartialConvOptions::kernel)
                      .at_least(1)
                      .doc("side of the kernel in each dimension of the grid"),
                  field("kernels", &PartialConvOptions::kernels)
                      .at_least(1)
                      .doc("one side for each dimension of the grid, in place of kernel"),
                  field("bias", &PartialConvOptions::bias).doc("whether it has a bias"))

/// Partial convolution: a full convolution of the first channels, the others as they are.
///
/// y = [K * x_1, x_2], x = [x_1, x_2] with C / divide channels in x_1.
/// Shape: [B, *grid, C] -> the same.
/// Params: conv, [C / divide, C / divide, *kernel].
/// Throws: Error where C < divide, or on a grid with prefix tokens.
/// Source: Chen et al. 2023 (FasterNet), arXiv:2303.03667, section 3.2.
/// Deviates: none.
class PartialConv final : public TokenMixer {
 public:
  using Options = PartialConvOptions;
  PartialConv(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;
  LayerPtr for_inference() override;

 private:
  int64_t convolved_;
  GridConvolution conv_{nullptr};
  std::optional<PackedConvolution> packed_;  // in a form for inference
};

}  // namespace mixwright::convolution
