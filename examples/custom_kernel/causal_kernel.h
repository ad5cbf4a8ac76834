// Causal mixing for one instruction set: included by one file for each, whose flags and namespace
// differ. No include guard, nothing but raw pointers and static functions: what is compiled for one
// processor must never be linked in the place of another's.

#include <cstring>

#include "causal_sizes.h"

namespace causal::INSTRUCTION_SET {
namespace {

// Sixteen channels: one register of AVX-512, two of AVX2, four of SSE.
using Lanes = float __attribute__((vector_size(64)));
constexpr int64_t kLanes = 16;

// Not returned: how a register of 64 bytes is returned depends on the instruction set.
template <class Value>
inline void load(const float* from, Value& value) {
  std::memcpy(&value, from, sizeof(value));
}

/// kTokens tokens of one group of channels, from `x` on; `step` leads to the one that the next tap
/// sees.
template <class Value, int kTokens>
inline void mix_tokens(
    const float* x, const float* weight, int64_t taps, int64_t channels, int64_t step, float* y) {
  Value sum[kTokens];
  for (int i = 0; i < kTokens; ++i) sum[i] = Value{};
  for (int64_t k = 0; k < taps; ++k) {
    Value w;
    load(weight + k * channels, w);
    for (int i = 0; i < kTokens; ++i) {
      Value in;
      load(x + i * channels + k * step, in);
      sum[i] += w * in;
    }
  }
  for (int i = 0; i < kTokens; ++i) std::memcpy(y + i * channels, &sum[i], sizeof(Value));
}

/// All tokens of one group of channels. Four tokens at a time share the loads of the weights; those
/// nearer to the border than `taps` see fewer taps and go one by one.
template <class Value>
void mix_group(const float* x, const float* weight, CausalSizes s, bool reversed, float* y) {
  const int64_t step = reversed ? s.channels : -s.channels;
  const auto one = [&](int64_t t) {
    const int64_t visible = (reversed ? s.tokens - 1 - t : t) + 1;
    mix_tokens<Value, 1>(x + t * s.channels,
                         weight,
                         visible < s.taps ? visible : s.taps,
                         s.channels,
                         step,
                         y + t * s.channels);
  };
  const int64_t border = s.taps - 1 < s.tokens ? s.taps - 1 : s.tokens;
  const int64_t begin = reversed ? 0 : border;
  const int64_t end = reversed ? s.tokens - border : s.tokens;
  for (int64_t t = 0; t < begin; ++t) one(t);
  int64_t t = begin;
  for (; t + 4 <= end; t += 4) {
    mix_tokens<Value, 4>(x + t * s.channels, weight, s.taps, s.channels, step, y + t * s.channels);
  }
  for (; t < s.tokens; ++t) one(t);
}

/// Adds to result[k] the products of each gradient with the input k tokens before it, for kTaps
/// taps from `tap` on.
template <class Value, int kTaps>
inline void add_taps(
    const float* gradient, const float* x, CausalSizes s, int64_t tap, float* result) {
  Value sum[kTaps];
  for (int k = 0; k < kTaps; ++k) load(result + (tap + k) * s.channels, sum[k]);
  for (int64_t t = tap; t < s.tokens; ++t) {
    Value g;
    load(gradient + t * s.channels, g);
    for (int k = 0; k < kTaps && k <= t - tap; ++k) {
      Value in;
      load(x + (t - tap - k) * s.channels, in);
      sum[k] += g * in;
    }
  }
  for (int k = 0; k < kTaps; ++k) {
    std::memcpy(result + (tap + k) * s.channels, &sum[k], sizeof(Value));
  }
}

template <class Value>
void weight_gradient_group(
    const float* gradient, const float* x, int64_t batch, CausalSizes s, float* result) {
  const Value zero{};
  for (int64_t k = 0; k < s.taps; ++k) std::memcpy(result + k * s.channels, &zero, sizeof(Value));
  const int64_t sample = s.tokens * s.channels;
  for (int64_t b = 0; b < batch; ++b) {
    int64_t k = 0;
    for (; k + 4 <= s.taps; k += 4) {
      add_taps<Value, 4>(gradient + b * sample, x + b * sample, s, k, result);
    }
    for (; k < s.taps; ++k) {
      add_taps<Value, 1>(gradient + b * sample, x + b * sample, s, k, result);
    }
  }
}

}  // namespace

void mix(const float* x, const float* weight, CausalSizes s, bool reversed, float* y) {
  int64_t c = 0;
  for (; c + kLanes <= s.channels; c += kLanes) {
    mix_group<Lanes>(x + c, weight + c, s, reversed, y + c);
  }
  for (; c < s.channels; ++c) mix_group<float>(x + c, weight + c, s, reversed, y + c);
}

void weight_gradient(const float* gradient,
                     const float* x,
                     int64_t batch,
                     CausalSizes s,
                     int64_t first,
                     float* result) {
  if (first + kLanes <= s.channels) {
    weight_gradient_group<Lanes>(gradient + first, x + first, batch, s, result + first);
    return;
  }
  for (int64_t c = first; c < s.channels; ++c) {
    weight_gradient_group<float>(gradient + c, x + c, batch, s, result + c);
  }
}

}  // namespace causal::INSTRUCTION_SET
