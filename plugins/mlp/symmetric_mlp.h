#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include <torch/torch.h>

#include <mixwright/activation.h>
#include <mixwright/options.h>

#include "axis.h"

namespace mixwright::mlp {

template <class Axis>
struct SymmetricMlpOptions {
  double ratio = Axis::kRatio;
  std::optional<int64_t> hidden;
  Component<Activation> activation{"gelu"};
  bool bias = false;
};

template <class Axis>
constexpr auto mixwright_options(const SymmetricMlpOptions<Axis>*) {
  using options::field;
  using O = SymmetricMlpOptions<Axis>;
  return std::make_tuple(
      field("ratio", &O::ratio)
          .at_least(0)
          .doc("hidden width as a multiple of the embedding width C, for token mixers too"),
      field("hidden", &O::hidden).at_least(1).doc("hidden width itself, in place of ratio"),
      field("activation", &O::activation).doc("scalar function of the hidden layer"),
      field("bias", &O::bias).doc("learn a bias of the hidden layer and one of the output"));
}

/// An MLP whose second layer is the first one's transpose, over the tokens or over the channels:
/// what an energy with symmetric synapses gives.
///
/// y = W^T act(W x + a) + b, W [hidden, N or C]; without bias a = b = 0.
/// Shape: [B, *grid, C] -> the same; N is the product of the grid.
/// Params: fc2, whose weight is W; hidden_bias a [hidden], output_bias b [N or C].
/// Throws: Error where the input's tokens or channels are not those it was built for.
/// Source: Karakida, Ota, Taki 2024, arXiv:2406.12220 (ParaMixer and SymMixer).
/// Deviates: the biases, which are off unless asked for.
template <class Axis>
class SymmetricMlp final : public Axis::Kind, public Axis::Memory {
 public:
  using Options = SymmetricMlpOptions<Axis>;
  SymmetricMlp(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;
  torch::Tensor coefficients(const torch::Tensor& x, const Context& context) override;
  torch::Tensor values() const override;

 private:
  Shape shape_;
  int64_t size_;  // N or C
  torch::nn::Linear fc2_{nullptr};
  torch::Tensor hidden_bias_;  // undefined without bias
  torch::Tensor output_bias_;
  LayerPtr activation_;
};

using TokenSymmetricMlp = SymmetricMlp<TokenAxis>;
using ChannelSymmetricMlp = SymmetricMlp<ChannelAxis>;

}  // namespace mixwright::mlp
