#pragma once

#include <torch/torch.h>

#include <mixwright/token_mixer.h>

namespace mixwright::metaformer {

/// Gives the tokens back as they are: the least that a token mixer can be.
///
/// y = x.
/// Shape: [B, *grid, C] -> the same.
/// Params: none.
/// Source: Yu et al. 2022 (IdentityFormer), arXiv:2210.13452.
/// Deviates: none.
class Identity final : public TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override;
};

}  // namespace mixwright::metaformer
