#pragma once

#include <cstdint>
#include <optional>

#include <torch/torch.h>

#include <mixwright/activation.h>
#include <mixwright/normalization.h>
#include <mixwright/token_mixer.h>

namespace mixwright::attention {

struct FfnifiedAttentionOptions {
  int64_t kernel = 7;
  std::optional<int64_t> side_kernel;
  bool query_bias = false;
  Component<Normalization> norm{"batch_norm"};
  Component<Activation> activation{"gelu"};
};

MIXWRIGHT_OPTIONS(
    FfnifiedAttentionOptions,
    field("kernel", &FfnifiedAttentionOptions::kernel)
        .at_least(1)
        .odd()
        .doc("side of the depthwise kernels that are keys and values"),
    field("side_kernel", &FfnifiedAttentionOptions::side_kernel)
        .at_least(1)
        .odd()
        .doc(
            "re-parameterised form: each kernel without bias but with a batch norm, and a parallel "
            "kernel of this side with its own"),
    field("query_bias", &FfnifiedAttentionOptions::query_bias)
        .doc("whether the query projection has a bias"),
    field("norm", &FfnifiedAttentionOptions::norm).doc("norm of the query"),
    field("activation", &FfnifiedAttentionOptions::activation)
        .doc("turns interactions into coefficients, in place of a softmax"))

/// FFNified attention: query-key-value with convolution kernels as static keys and values.
///
/// q = norm(W x); coefficients a = act(K * q); y = V * a; K and V depthwise kernels (with their
/// side kernels), * the convolution over the grid.
/// Shape: [B, *grid, C] -> the same.
/// Params: query, norm, interaction (K), activation, aggregation (V); the kernels are components
///     `depthwise_conv`.
/// Throws: whatever the nested components throw.
/// Source: Yun, Lee, Ro 2024 (MetaMixer, FFNet), arXiv:2406.02021.
/// Deviates: none.
class FfnifiedAttention final : public TokenMixer {
 public:
  using Options = FfnifiedAttentionOptions;
  FfnifiedAttention(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  torch::nn::Linear query_{nullptr};
  LayerPtr norm_;
  LayerPtr interaction_;
  LayerPtr activation_;
  LayerPtr aggregation_;
};

}  // namespace mixwright::attention
