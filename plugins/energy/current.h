#pragma once

#include <mixwright/in_place.h>
#include <mixwright/synapse.h>

namespace mixwright::energy {

/// What has a number of its own.
enum class CurrentOf { kUnits, kTokens, kChannels };
MIXWRIGHT_CHOICES(CurrentOf,
                  choice("units", CurrentOf::kUnits),
                  choice("tokens", CurrentOf::kTokens),
                  choice("channels", CurrentOf::kChannels))

struct CurrentOptions {
  CurrentOf of = CurrentOf::kUnits;
};
MIXWRIGHT_OPTIONS(CurrentOptions,
                  field("of", &CurrentOptions::of)
                      .doc("what has a number of its own: every unit, every token, every channel"))

/// A constant input current of one layer.
///
///   E = -<b, g>
///
/// Shape: g [B, *grid, C].
/// Params: CurrentOptions; `bias` b [*grid, C], [*grid, 1] for tokens, [C] for channels, from 0.
/// Throws: Error where it is given other than one layer.
/// Source: Krotov 2021, arXiv:2107.06446 eq. 1 (input currents).
/// Deviates: none.
class Current final : public Synapse, public AddsForce {
 public:
  using Options = CurrentOptions;
  Current(const Options& options, const BuildContext& context);
  torch::Tensor energy(const std::vector<torch::Tensor>& g) const override;
  torch::Tensor gradient(const std::vector<torch::Tensor>& g, size_t i) const override;
  Action force_into(const torch::Tensor& x,
                    Blend blend,
                    const std::vector<torch::Tensor>& g,
                    size_t i,
                    int64_t times) const override;

 private:
  torch::Tensor bias_;
};

}  // namespace mixwright::energy
