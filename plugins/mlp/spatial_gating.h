#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <torch/torch.h>

#include <mixwright/activation.h>
#include <mixwright/inference.h>
#include <mixwright/normalization.h>
#include <mixwright/token_mixer.h>

#include "axis.h"

namespace mixwright::mlp {

struct SpatialGatingOptions {
  double ratio = 6.0;  // arXiv:2105.08050 table 1: d_ffn = 6 d_model
  std::optional<int64_t> hidden;
  Component<Activation> activation{"gelu"};
  Component<Normalization> norm{default_norm()};
  double dropout = 0.0;

 private:
  static ConfigValue default_norm();
};

MIXWRIGHT_OPTIONS(SpatialGatingOptions,
                  field("ratio", &SpatialGatingOptions::ratio)
                      .at_least(0)
                      .doc("hidden width as a multiple of C; half of it gates the other half"),
                  field("hidden", &SpatialGatingOptions::hidden)
                      .at_least(2)
                      .doc("hidden width itself, even, in place of ratio"),
                  field("activation", &SpatialGatingOptions::activation)
                      .doc("scalar function after the first linear layer"),
                  field("norm", &SpatialGatingOptions::norm)
                      .doc("norm of the gating half, before it is mixed over the tokens"),
                  field("dropout", &SpatialGatingOptions::dropout)
                      .at_least(0)
                      .at_most(1)
                      .doc("dropout after the activation and after the second linear layer"))

/// The whole unit of gMLP: a channel MLP whose hidden half gates the other, mixed over the tokens.
///
/// [u, v] = act(fc1(x)), g[b, :, c] = W norm(v)[b, :, c] + bias, y = fc2(u * g); W [N, N].
/// Shape: [B, *grid, C] -> the same; N is the product of the grid.
/// Params: fc1, gate.norm, gate.proj, fc2.
/// Throws: Error where the input has other than the N tokens it was built for.
/// Source: Liu et al. 2021, arXiv:2105.08050, section 2.1 (W near 0 and bias 1 at the start).
/// Deviates: none.
class SpatialGating final : public FixedTokenMixer {
 public:
  using Options = SpatialGatingOptions;
  SpatialGating(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;
  void initialize() override;

 private:
  int64_t tokens_;
  double dropout_;
  torch::nn::Linear fc1_{nullptr};
  torch::nn::Linear fc2_{nullptr};
  torch::nn::Linear proj_{nullptr};
  std::optional<PackedLinear> packed_fc1_;  // in a form for inference, the activation within it
  std::optional<PackedLinear> packed_fc2_;
  LayerPtr activation_;
  LayerPtr norm_;
};

}  // namespace mixwright::mlp
