#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include <torch/torch.h>

#include <mixwright/activation.h>
#include <mixwright/normalization.h>

#include "axis.h"

namespace mixwright::mlp {

template <class Axis>
struct MlpOptions {
  double ratio = Axis::kRatio;
  std::optional<int64_t> hidden;
  bool bias = true;
  Component<Normalization> norm;
  Component<Activation> activation{"gelu"};
  Component<Normalization> output_norm;
  double dropout = 0.0;
  bool symmetric_start = false;
  bool report_symmetry = false;
};

template <class Axis>
constexpr auto mixwright_options(const MlpOptions<Axis>*) {
  using options::field;
  using O = MlpOptions<Axis>;
  return std::make_tuple(
      field("ratio", &O::ratio)
          .at_least(0)
          .doc("hidden width as a multiple of the embedding width C, for token mixers too"),
      field("hidden", &O::hidden).at_least(1).doc("hidden width itself, in place of ratio"),
      field("bias", &O::bias).doc("whether both linear layers have a bias"),
      field("norm", &O::norm).doc("norm between the first linear layer and the activation"),
      field("activation", &O::activation).doc("scalar function of the hidden layer"),
      field("output_norm", &O::output_norm).doc("norm after the second linear layer"),
      field("dropout", &O::dropout)
          .at_least(0)
          .at_most(1)
          .doc("dropout after the activation and after the second linear layer"),
      field("symmetric_start", &O::symmetric_start)
          .doc("whether fc2's weights begin as fc1's transposed, as an energy would have them"),
      field("report_symmetry", &O::report_symmetry)
          .doc("among the metrics of training: how far fc2 is from fc1 transposed (asymmetry), and "
               "whether they write and read the same directions (alignment)"));
}

/// Two linear layers with an activation between, over the tokens or over the channels.
///
/// y = fc2(act(norm(fc1(x)))), then output_norm; fc1 has [hidden, N or C] weights, fc2 their
/// transposed shape. Over tokens: y[b, :, c] = W2 act(W1 x[b, :, c] + b1) + b2.
/// Shape: [B, *grid, C] -> the same; N is the product of the grid.
/// Params: fc1, fc2, and those of the nested norm, activation, output_norm.
/// Throws: Error where the input's tokens or channels are not those it was built for.
/// Source: Tolstikhin et al. 2021, arXiv:2105.01601, eq. 1; norms as in Chen et al. 2023
///     (FasterNet), arXiv:2303.03667, and Wang et al. 2023 (RepViT), arXiv:2307.09283.
/// Deviates: none.
template <class Axis>
class Mlp final : public Axis::Kind, public Axis::Memory {
 public:
  using Options = MlpOptions<Axis>;
  Mlp(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference_within(const Surroundings& around) override;
  torch::Tensor coefficients(const torch::Tensor& x, const Context& context) override;
  torch::Tensor values() const override;
  void initialize() override;
  void report(Report& report) override;

 private:
  Shape shape_;
  int64_t size_;  // N or C
  double dropout_;
  bool starts_symmetric_;
  bool reports_symmetry_;
  torch::nn::Linear fc1_{nullptr};
  torch::nn::Linear fc2_{nullptr};
  LayerPtr norm_;
  LayerPtr activation_;
  LayerPtr output_norm_;
};

using TokenMlp = Mlp<TokenAxis>;
using ChannelMlp = Mlp<ChannelAxis>;

}  // namespace mixwright::mlp
