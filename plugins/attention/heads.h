#pragma once

#include <cstdint>
#include <optional>

namespace mixwright::attention {

/// Number and width of attention heads; `inner` = heads x width may differ from the channels.
struct Heads {
  int64_t count = 1;
  int64_t width = 1;
  int64_t inner() const { return count * width; }
};

/// Both given: as they are. Only `heads`: C / heads wide, which must be whole. Only `head_dim`, or
/// neither (then 32): max(1, C / head_dim) heads, as the MetaFormer baselines count them
/// (arXiv:2210.13452), which fits every C.
Heads heads_of(const std::optional<int64_t>& heads,
               const std::optional<int64_t>& head_dim,
               int64_t channels);

}  // namespace mixwright::attention
