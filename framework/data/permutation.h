#pragma once

#include <cstdint>
#include <vector>

namespace mixwright::data {

/// The order in which an epoch visits `count` samples: a Fisher-Yates shuffle whose draws depend on
/// (seed, epoch) alone.
std::vector<int64_t> epoch_order(int64_t count, uint64_t seed, int64_t epoch);

/// A training split cut in two: what is trained on, and what is kept for validation.
struct Holdout {
  std::vector<int64_t> train;
  std::vector<int64_t> validation;
};

/// Keeps round(share x count) samples, chosen by the seed; both parts are in ascending order.
Holdout hold_out(int64_t count, double share, uint64_t seed);

}  // namespace mixwright::data
