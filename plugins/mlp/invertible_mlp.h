#pragma once

#include <cstdint>
#include <optional>

#include <mixwright/token_mixer.h>

#include "axis.h"
#include "spectral_linear.h"

namespace mixwright::mlp {

struct InvertibleMlpOptions {
  double ratio = 0.5;
  std::optional<int64_t> hidden;
  int64_t iterations = 4;
  double coefficient = 0.9;
  int64_t power_iterations = 8;
  Component<Activation> activation{"gelu"};
};
MIXWRIGHT_OPTIONS(
    InvertibleMlpOptions,
    field("ratio", &InvertibleMlpOptions::ratio)
        .at_least(0)
        .doc("hidden width as a multiple of the embedding width C, for token mixers too"),
    field("hidden", &InvertibleMlpOptions::hidden)
        .at_least(1)
        .doc("hidden width itself, in place of ratio"),
    field("iterations", &InvertibleMlpOptions::iterations)
        .at_least(0)
        .doc("steps towards the fixed point; 0 leaves an mlp"),
    field("coefficient", &InvertibleMlpOptions::coefficient)
        .at_least(0.01)
        .at_most(1)
        .doc("what the two inner layers stretch at most"),
    field("power_iterations", &InvertibleMlpOptions::power_iterations)
        .at_least(1)
        .doc("steps of power iteration at each use of an inner layer, in training"),
    field("activation", &InvertibleMlpOptions::activation).doc("scalar function of every layer"))

/// Token MLP whose hidden layer is inverted by fixed-point iteration: what comes out of its first
/// layer, y0, is y - f(y) of an invertible residual map, and y is sought.
///
///   y <- f(y) + y0, from y = y0, `iterations` times;  f(y) = sn2(act(sn1(act(y))))
///   out = fc2(act(y)), y0 = fc1(x)
///
/// The weights of sn1 and sn2 are divided by max(1, sigma / coefficient), sigma their largest
/// singular value by power iteration, which runs in training at each use.
///
/// Shape: [B, *grid, C] -> the same; N is the product of the grid. fc1 [hidden, N], sn1 and sn2
///   [hidden, hidden], fc2 [N, hidden].
/// Params: InvertibleMlpOptions. `fc1`, `sn1`, `sn2`, `fc2`; buffers `sn1.u`, `sn1.v`, `sn1.sigma`
///   and those of `sn2`.
/// Throws: Error where the input's tokens are not those it was built for.
/// Source: Ota, Taki 2023 (iMixer), arXiv:2304.13061; Behrmann et al. 2019, arXiv:1811.00995,
///   algorithm 1 for the iteration.
/// Deviates: u and v start at the singular vectors of the drawn weights, not at random, so that the
///   bound holds before the first training step.
class InvertibleMlp final : public FixedTokenMixer {
 public:
  using Options = InvertibleMlpOptions;
  InvertibleMlp(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  void initialize() override;

 private:
  int64_t size_;  // N
  int64_t iterations_;
  torch::nn::Linear fc1_{nullptr};
  SpectralLinear sn1_{nullptr};  // empty without iterations, as is sn2
  SpectralLinear sn2_{nullptr};
  torch::nn::Linear fc2_{nullptr};
  LayerPtr activation_;
};

}  // namespace mixwright::mlp
