#pragma once

#include <vector>

#include <mixwright/block.h>

#include "layer_list.h"

namespace mixwright::blocks {

struct ChainOptions {
  std::vector<LayerOption> layers;
};
MIXWRIGHT_OPTIONS(ChainOptions,
                  field("layers", &ChainOptions::layers)
                      .required()
                      .doc("one after the other, each { kind = component }, which is built for "
                           "what the one before it makes; \"none\" keeps its index"))

/// Layers strung together where one mixer stands.
///
///   y = f_n(... f_1(x))
///
/// Shape: [B, *grid, C] -> the same; between the layers another.
/// Params: ChainOptions. `layers.0.*`.
/// Throws: Error where there is no layer, or the last one does not give the shape that came in.
/// Source: composition; ConvNeXt's token mixer is one, arXiv:2201.03545 fig. 4.
/// Deviates: none.
class MixerChain final : public Layer {
 public:
  using Options = ChainOptions;
  MixerChain(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  LayerList layers_{nullptr};
};

/// Layers strung together where one embedding or projection stands: the embeddings among them may
/// change grid and channels, each to its own `dim` or else to the stage's.
///
///   y = f_n(... f_1(x))
///
/// Shape: [B, *grid, C] -> what the last layer makes.
/// Params: ChainOptions. `layers.0.*`.
/// Throws: Error where there is no layer.
/// Source: composition; FFNet's stem and downsampling are such, arXiv:2406.02021.
/// Deviates: none.
class EmbeddingChain final : public Layer {
 public:
  using Options = ChainOptions;
  EmbeddingChain(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  LayerList layers_{nullptr};
};

}  // namespace mixwright::blocks
