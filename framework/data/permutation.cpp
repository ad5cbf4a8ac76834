#include "framework/data/permutation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <mixwright/random.h>

namespace mixwright::data {

namespace {

// No sample has this number, so the shuffle's draws are not those of any sample's augmentation.
constexpr uint64_t kShuffleStream = UINT64_MAX;
constexpr uint64_t kHoldoutStream = UINT64_MAX - 1;

std::vector<int64_t> shuffled(int64_t count, SampleRandom random) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (int64_t i = count - 1; i > 0; --i) {
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(random.integer(0, i))]);
  }
  return order;
}

}  // namespace

std::vector<int64_t> epoch_order(int64_t count, uint64_t seed, int64_t epoch) {
  return shuffled(count, SampleRandom(seed, static_cast<uint64_t>(epoch), kShuffleStream));
}

Holdout hold_out(int64_t count, double share, uint64_t seed) {
  const auto kept = static_cast<int64_t>(std::llround(share * static_cast<double>(count)));
  const std::vector<int64_t> order = shuffled(count, SampleRandom(seed, 0, kHoldoutStream));
  Holdout parts;
  parts.validation.assign(order.begin(), order.begin() + kept);
  parts.train.assign(order.begin() + kept, order.end());
  std::sort(parts.validation.begin(), parts.validation.end());
  std::sort(parts.train.begin(), parts.train.end());
  return parts;
}

}  // namespace mixwright::data
