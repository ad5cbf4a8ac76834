#pragma once

#include <torch/torch.h>

#include <mixwright/block.h>
#include <mixwright/token_mixer.h>

namespace mixwright::gates {

struct GatedOptions {
  Component<Block> gate;
  bool bias = true;
};

MIXWRIGHT_OPTIONS(GatedOptions,
                  field("gate", &GatedOptions::gate)
                      .required()
                      .doc("block whose output multiplies the projected input"),
                  field("bias", &GatedOptions::bias).doc("whether the projection has a bias"))

/// A linear gating unit whose gate is a whole block, such as an MLP-Mixer.
///
/// y = proj(x) * gate(x), entry by entry.
/// Shape: [B, *grid, C] -> the same.
/// Params: proj, and those of the nested gate.
/// Throws: Error where the gate's output has another shape than its input.
/// Source: Abdullah, Aydin 2024 (NiNformer and its gating unit), arXiv:2403.02411.
/// Deviates: none.
class Gated final : public TokenMixer {
 public:
  using Options = GatedOptions;
  Gated(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference() override;

 private:
  torch::nn::Linear proj_{nullptr};
  LayerPtr gate_;
};

}  // namespace mixwright::gates
