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
struct AsymmetricMlpOptions {
  double ratio = Axis::kRatio;
  std::optional<int64_t> hidden;
  Component<Activation> activation{"gelu"};
  double penalty = 0.0;
  bool report_symmetry = false;
};

template <class Axis>
constexpr auto mixwright_options(const AsymmetricMlpOptions<Axis>*) {
  using options::field;
  using O = AsymmetricMlpOptions<Axis>;
  return std::make_tuple(
      field("ratio", &O::ratio)
          .at_least(0)
          .doc("hidden width as a multiple of the embedding width C, for token mixers too"),
      field("hidden", &O::hidden).at_least(1).doc("hidden width itself, in place of ratio"),
      field("activation", &O::activation).doc("scalar function of the hidden layer"),
      field("penalty", &O::penalty)
          .at_least(0)
          .doc("coefficient of the sum of squared fc2 weights in the training loss"),
      field("report_symmetry", &O::report_symmetry)
          .doc("among the metrics of training: how far W1^T + W2 is from W1^T (asymmetry), and "
               "whether it writes the directions that W1 reads (alignment)"));
}

/// A symmetric MLP plus a second, free weight that breaks the symmetry, over the tokens or over the
/// channels.
///
/// h = act(W1 x), y = (W1^T + W2) h; W1 [hidden, N or C], W2 its transposed shape. The loss gains
/// penalty x sum W2^2.
/// Shape: [B, *grid, C] -> the same; N is the product of the grid.
/// Params: fc1 (W1), fc2 (W2).
/// Throws: Error where the input's tokens or channels are not those it was built for.
/// Source: Karakida, Ota, Taki 2024, arXiv:2406.12220 (AsymMixer and its symmetry-breaking
/// penalty). Deviates: none.
template <class Axis>
class AsymmetricMlp final : public Axis::Kind, public Axis::Memory {
 public:
  using Options = AsymmetricMlpOptions<Axis>;
  AsymmetricMlp(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  torch::Tensor coefficients(const torch::Tensor& x, const Context& context) override;
  torch::Tensor values() const override;
  torch::Tensor penalty() override;
  void report(Report& report) override;
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  Shape shape_;
  int64_t size_;  // N or C
  double penalty_;
  bool reports_symmetry_;
  torch::nn::Linear fc1_{nullptr};
  torch::nn::Linear fc2_{nullptr};
  LayerPtr activation_;
};

using TokenAsymmetricMlp = AsymmetricMlp<TokenAxis>;
using ChannelAsymmetricMlp = AsymmetricMlp<ChannelAxis>;

}  // namespace mixwright::mlp
