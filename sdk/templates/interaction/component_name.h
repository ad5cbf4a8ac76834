#pragma once

#include <mixwright/interaction.h>

struct ComponentNameOptions {
  double sharpness = 0.1;
};
MIXWRIGHT_OPTIONS(ComponentNameOptions,
                  field("sharpness", &ComponentNameOptions::sharpness)
                      .at_least(0)
                      .doc("what the learned sharpness starts at"))

/// Scores every token of the query with every key by how near they are.
///
///   s[i, j] = -g |q[i] - k[j]|^2
///
/// Shape: q [B, *grid, d], k [R, *keys, d], R a divisor of B -> [B, *grid, S], S the number of
/// keys. Params: ComponentNameOptions. `sharpness` (g): [1]. Throws: Error where the channels
/// differ. Source: replace by authors, year, arXiv id and equation. Deviates: none.
class ComponentName final : public mixwright::Interaction {
 public:
  using Options = ComponentNameOptions;
  ComponentName(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& query, const torch::Tensor& key) override;

 private:
  torch::Tensor sharpness_;
};
