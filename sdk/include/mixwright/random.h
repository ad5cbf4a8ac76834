#pragma once

#include <cstdint>

#include <mixwright/export.h>

namespace mixwright {

/// Counter-based randomness of one sample: the n-th draw is a function of (seed, epoch, sample,
/// n) alone, so that neither the number of workers nor a resume changes what a sample looks like.
/// Mixing function: SplitMix64 (Steele, Lea, Flood 2014) over the four words.
class MIXWRIGHT_API SampleRandom {
 public:
  SampleRandom(uint64_t seed, uint64_t epoch, uint64_t sample);
  uint64_t bits();                             ///< 64 random bits
  double uniform();                            ///< in [0, 1)
  double uniform(double low, double high);     ///< in [low, high)
  int64_t integer(int64_t low, int64_t high);  ///< low <= value <= high
  bool chance(double probability);
  double normal();  ///< mean 0, variance 1
  /// In 0 to 1 with density x^(a - 1) (1 - x)^(b - 1) / B(a, b); a, b > 0.
  double beta(double a, double b);

 private:
  double log_gamma(double shape);  // logarithm of a gamma variate

  uint64_t key_;
  uint64_t count_ = 0;
};

}  // namespace mixwright
