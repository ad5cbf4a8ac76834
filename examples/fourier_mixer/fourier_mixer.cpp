#include "fourier_mixer.h"

#include <mixwright/layers.h>

torch::Tensor FourierMixer::forward(const torch::Tensor& x) {
  // What comes back through a transform is not laid out as x.
  torch::Tensor tokens = mixwright::flatten_grid(mixwright::contiguous_gradient(x));  // [B, N, C]
  // LibTorch transforms no 16-bit floats on processors.
  const bool is_short = x.element_size() < 4;
  if (is_short) tokens = tokens.to(torch::kFloat32);
  const std::vector<int64_t> axes = {1, 2};
  const torch::Tensor waves =
      torch::fft_fftn(tokens, at::OptionalIntArrayRef(), axes, orthonormal_ ? "ortho" : "backward");
  return torch::real(waves).to(x.scalar_type()).contiguous().view(x.sizes());
}

MIXWRIGHT_PLUGIN(
    "fourier_mixer",
    "0.1.0",
    "Apache-2.0",
    token_mixer<FourierMixer>("fourier",
                              "real part of a Fourier transform of tokens and channels",
                              "arXiv:2105.03824 section 3"))
