#pragma once

#include <mixwright/interaction.h>

struct Abi1InteractionOptions {
  double sharpness = 0.1;
};
MIXWRIGHT_OPTIONS(Abi1InteractionOptions,
                  field("sharpness", &Abi1InteractionOptions::sharpness)
                      .at_least(0)
                      .doc("what the learned sharpness starts at"))

/// Scores every token of the query with every key by how near they are.
///
///   s[i, j] = -g |q[i] - k[j]|^2
///
/// Shape: q [B, *grid, d], k [R, *keys, d], R a divisor of B -> [B, *grid, S], S the number of
/// keys. Params: Abi1InteractionOptions. `sharpness` (g): [1]. Throws: Error where the channels
/// differ. Source: replace by authors, year, arXiv id and equation. Deviates: none.
class Abi1Interaction final : public mixwright::Interaction {
 public:
  using Options = Abi1InteractionOptions;
  Abi1Interaction(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& query, const torch::Tensor& key) override;

 private:
  torch::Tensor sharpness_;
};
