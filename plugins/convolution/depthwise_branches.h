#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/torch.h>

#include <mixwright/kinds.h>
#include <mixwright/layers.h>
#include <mixwright/options.h>

namespace mixwright::convolution {

struct SideOptions {
  int64_t kernel = 3;
  std::vector<int64_t> kernels;
  bool bias = false;
  Component<Normalization> norm;
};

MIXWRIGHT_OPTIONS(SideOptions,
                  field("kernel", &SideOptions::kernel).at_least(1).doc("side of the kernel"),
                  field("kernels", &SideOptions::kernels)
                      .at_least(1)
                      .doc("one side for each dimension of the grid, in place of kernel"),
                  field("bias", &SideOptions::bias).doc("whether it has a bias"),
                  field("norm", &SideOptions::norm).doc("norm after the convolution"))

struct DepthwiseConvOptions {
  int64_t kernel = 3;
  std::vector<int64_t> kernels;
  bool bias = true;
  Component<Normalization> norm;
  std::vector<SideOptions> side;
  bool identity = false;
  Component<Normalization> sum_norm;
};

MIXWRIGHT_OPTIONS(
    DepthwiseConvOptions,
    field("kernel", &DepthwiseConvOptions::kernel)
        .at_least(1)
        .doc("side of the kernel in each dimension of the grid"),
    field("kernels", &DepthwiseConvOptions::kernels)
        .at_least(1)
        .doc("one side for each dimension of the grid, in place of kernel"),
    field("bias", &DepthwiseConvOptions::bias).doc("whether the convolution has a bias"),
    field("norm", &DepthwiseConvOptions::norm).doc("norm after the convolution"),
    field("side", &DepthwiseConvOptions::side)
        .doc("parallel depthwise convolutions of other kernels, each with its own norm; summed"),
    field("identity", &DepthwiseConvOptions::identity).doc("adds the input to the sum"),
    field("sum_norm", &DepthwiseConvOptions::sum_norm).doc("norm of the sum"))

/// What the depthwise token mixer and the depthwise embedding share: parallel convolutions that see
/// one channel each, summed. All branches are linear in evaluation, so that they merge into one.
template <class Kind>
class DepthwiseBranches : public Kind {
 protected:
  /// Builds all branches from `context.shape` to `out` channels, a multiple of those that come in.
  void build(const DepthwiseConvOptions& options,
             const BuildContext& context,
             int64_t out,
             int64_t stride);
  torch::Tensor sum_of_branches(const torch::Tensor& x, const Context& context);

 public:
  /// One convolution with a bias, where every norm is a scale and a shift of channels in
  /// evaluation.
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  struct Branch {
    GridConvolution conv{nullptr};
    LayerPtr norm;
  };

  std::vector<Branch> branches_;  // the main one first
  bool identity_ = false;
  LayerPtr sum_norm_;
};

}  // namespace mixwright::convolution
