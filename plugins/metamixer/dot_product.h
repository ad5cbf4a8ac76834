#pragma once

#include <cstdint>

#include <torch/torch.h>

#include <mixwright/interaction.h>

namespace mixwright::metamixer {

struct DotProductOptions {
  bool scaled = false;
  bool bias = false;
};

MIXWRIGHT_OPTIONS(
    DotProductOptions,
    field("scaled", &DotProductOptions::scaled).doc("divides by the root of a key's channels"),
    field("bias", &DotProductOptions::bias)
        .doc("adds a learned number for each key, which fixes how many there are"))

/// Scores of every token of the query with every key.
///
///   s[i, j] = q[i] . k[j] (/ sqrt(d)) (+ bias[j])
///
/// Keys that the padding mask leaves out score the lowest number there is, which softmax and the
/// ReLU and GELU kinds turn into a coefficient of zero.
/// Shape: q [B, *grid, d], k [R, *keys, d] -> [B, *grid, S], S the number of keys.
/// Params: DotProductOptions. `bias`: [S].
/// Throws: Error where the channels differ, or there are other than the S keys of the bias.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1.
/// Deviates: none.
class DotProduct : public Interaction {
 public:
  using Options = DotProductOptions;
  DotProduct(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& query,
                                   const torch::Tensor& key,
                                   const Context& context) override;

 private:
  double scale_;
  torch::Tensor bias_;  // undefined without
};

/// The same, of which a token sees no later one: s[i, j] is the lowest number where j > i.
///
/// Throws: Error where there are not as many keys as tokens of the query.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, sec. 3.2.3.
class CausalDotProduct final : public DotProduct {
 public:
  CausalDotProduct(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& query,
                                   const torch::Tensor& key,
                                   const Context& context) override;
};

}  // namespace mixwright::metamixer
