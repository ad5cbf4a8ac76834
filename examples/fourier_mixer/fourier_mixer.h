#pragma once

#include <mixwright/token_mixer.h>

struct FourierMixerOptions {
  bool orthonormal = true;
};

MIXWRIGHT_OPTIONS(
    FourierMixerOptions,
    field("orthonormal", &FourierMixerOptions::orthonormal)
        .doc("divide by sqrt(N C), which keeps the length of x; FNet itself does not"))

/// Mixes tokens and channels by a Fourier transform and learns nothing.
///
///   y = Re(F_N x F_C),  F_n[j, k] = exp(-2 pi i j k / n)
///
/// that is y[n, c] = sum over m, d of x[m, d] cos(2 pi (n m / N + c d / C)).
///
/// Shape: [B, *grid, C] -> the same; N is the product of the grid.
/// Params: FourierMixerOptions.
/// Source: Lee-Thorp, Ainslie, Eckstein, Ontanon 2021 (FNet), arXiv:2105.03824 section 3.
/// Deviates: `orthonormal`. FNet normalises after the sum of x and F(x); in a block that normalises
///     before the mixer the sums as they are would drown the residual.
class FourierMixer final : public mixwright::TokenMixer {
 public:
  using Options = FourierMixerOptions;
  FourierMixer(const Options& options, const mixwright::BuildContext&)
      : orthonormal_(options.orthonormal) {}
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  bool orthonormal_;
};
