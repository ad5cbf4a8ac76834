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

}  // namespace mixwright
