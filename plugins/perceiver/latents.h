#pragma once

#include <mixwright/embedding.h>

#include "cross_attention.h"

namespace mixwright::perceiver {

struct LatentsOptions : CrossAttentionOptions {
  int64_t tokens = 0;
};
constexpr auto mixwright_options(const LatentsOptions*) {
  return std::tuple_cat(std::make_tuple(options::field("tokens", &LatentsOptions::tokens)
                                            .at_least(1)
                                            .required()
                                            .doc("number of learned latent tokens")),
                        cross_attention_fields());
}

/// Perceiver's encoder: learned latent tokens attend to the input, however many tokens it has, and
/// are what goes on.
///
///   y = cross attention of the latents to x
///
/// Shape: [B, *grid, C] -> [B, tokens, dim].
/// Params: LatentsOptions. `latents` [tokens, dim], `cross.*` as in CrossAttention.
/// Throws: Error for an input with a padding mask, which would not fit the latents behind it.
/// Source: Jaegle et al. 2021, arXiv:2107.14795 section 3.1; latents start at normal(0, 0.02).
/// Deviates: none.
class Latents final : public Embedding {
 public:
  using Options = LatentsOptions;
  Latents(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  void initialize() override;

 private:
  torch::Tensor latents_;
  std::shared_ptr<CrossAttention> cross_;
};

}  // namespace mixwright::perceiver
