#pragma once

#include <mixwright/token_mixer.h>

/// Exponential moving average over tokens, each channel with a share of its own:
///
///   y[b, t, c] = share[c] x[b, t, c] + (1 - share[c]) y[b, t - 1, c],   y[b, -1, c] = 0
///
/// On a GPU in float32 one kernel each way, where the plugin was compiled with nvcc; elsewhere what
/// average_of_operations runs. Can be differentiated twice.
/// Shape: x [B, N, C], share [C] of the same type -> [B, N, C].
torch::Tensor moving_average(const torch::Tensor& x, const torch::Tensor& share);

/// The same as LibTorch's operations, some for every token.
torch::Tensor average_of_operations(const torch::Tensor& x, const torch::Tensor& share);

struct MovingAverageOptions {
  double share = 0.3;
};

MIXWRIGHT_OPTIONS(MovingAverageOptions,
                  field("share", &MovingAverageOptions::share)
                      .at_least(0.001)
                      .at_most(0.999)
                      .doc("what a token has of its own at first; the rest is what came before it"))

/// Every channel of a token becomes a mean that forgets over that token and those before it.
///
///   y[t] = a x[t] + (1 - a) y[t - 1],   a = sigmoid(decay)
///
/// The grid is read row by row.
/// Shape: [B, *grid, C] -> the same.
/// Params: MovingAverageOptions. `decay`: [C].
/// Source: the plain moving average that Ma et al. 2022 (Mega), arXiv:2209.10655, start from.
/// Deviates: one dimension for each channel, no damping.
class MovingAverage final : public mixwright::TokenMixer {
 public:
  using Options = MovingAverageOptions;
  MovingAverage(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor decay_;
};
