#include <algorithm>
#include <cmath>
#include <numbers>

#include <mixwright/random.h>

namespace mixwright {

namespace {

uint64_t mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

SampleRandom::SampleRandom(uint64_t seed, uint64_t epoch, uint64_t sample)
    : key_(mix(mix(mix(seed) ^ epoch) ^ sample)) {}

uint64_t SampleRandom::bits() {
  return mix(key_ ^ mix(count_++));
}

double SampleRandom::uniform() {
  return static_cast<double>(bits() >> 11) * 0x1.0p-53;
}

double SampleRandom::uniform(double low, double high) {
  return low + (high - low) * uniform();
}

int64_t SampleRandom::integer(int64_t low, int64_t high) {
  // Multiply-shift on 128 bits: no modulo bias that 2^-64 could show.
  const auto range = static_cast<uint64_t>(high - low) + 1;
  __extension__ using Wide = unsigned __int128;
  return low + static_cast<int64_t>(static_cast<uint64_t>((Wide{bits()} * range) >> 64));
}

bool SampleRandom::chance(double probability) {
  return uniform() < probability;
}

double SampleRandom::normal() {
  // G. Box, M. Muller 1958; 1 - u lies in (0, 1].
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

// G. Marsaglia, W. Tsang 2000, "A simple method for generating gamma variables". In logarithms, for
// a variate of a small shape is often too small for a double.
double SampleRandom::log_gamma(double shape) {
  if (shape < 1.0) return log_gamma(shape + 1.0) + std::log(1.0 - uniform()) / shape;
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  while (true) {
    const double x = normal();
    const double root = 1.0 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(1.0 - uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) {
      return std::log(d * v);
    }
  }
}

double SampleRandom::beta(double a, double b) {
  const double first = log_gamma(a);
  const double second = log_gamma(b);
  const double highest = std::max(first, second);
  const double part = std::exp(first - highest);
  return part / (part + std::exp(second - highest));
}

}  // namespace mixwright
