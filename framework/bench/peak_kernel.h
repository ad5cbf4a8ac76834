// Chains of multiply-adds for one instruction set: included by one file for each, whose flags and
// namespace differ. No include guard and nothing but raw pointers, so that what is compiled for one
// processor is never linked in the place of another's.

#include <cstdint>

#if defined(__x86_64__)
#define MIXWRIGHT_IN_REGISTER "+v"
#else
#define MIXWRIGHT_IN_REGISTER "+w"
#endif

namespace mixwright::bench::MIXWRIGHT_PEAK_SET {
namespace {

using Lanes = float __attribute__((vector_size(MIXWRIGHT_PEAK_BYTES)));

// Two units of four cycles' latency need eight chains that do not wait for each other; with twelve
// all stay in registers also where there are sixteen of them.
constexpr int kChains = 12;
constexpr int kLanes = MIXWRIGHT_PEAK_BYTES / 4;

}  // namespace

/// Does `rounds` rounds, leaves a value that depends on all of them in `result` and gives how many
/// multiplications and additions that were.
int64_t multiply_add(int64_t rounds, float* result) {
  const Lanes a = *result + Lanes{};
  const Lanes b = 1.0F - a;
  Lanes x0 = a, x1 = a, x2 = a, x3 = a, x4 = a, x5 = a;
  Lanes x6 = a, x7 = a, x8 = a, x9 = a, x10 = a, x11 = a;
  for (int64_t i = 0; i < rounds; ++i) {
    x0 = x0 * a + b;
    x1 = x1 * a + b;
    x2 = x2 * a + b;
    x3 = x3 * a + b;
    x4 = x4 * a + b;
    x5 = x5 * a + b;
    x6 = x6 * a + b;
    x7 = x7 * a + b;
    x8 = x8 * a + b;
    x9 = x9 * a + b;
    x10 = x10 * a + b;
    x11 = x11 * a + b;
    // The chains begin alike, which the compiler must not see: each is its own from here on.
    asm volatile(""
                 : MIXWRIGHT_IN_REGISTER(x0), MIXWRIGHT_IN_REGISTER(x1), MIXWRIGHT_IN_REGISTER(x2));
    asm volatile(""
                 : MIXWRIGHT_IN_REGISTER(x3), MIXWRIGHT_IN_REGISTER(x4), MIXWRIGHT_IN_REGISTER(x5));
    asm volatile(""
                 : MIXWRIGHT_IN_REGISTER(x6), MIXWRIGHT_IN_REGISTER(x7), MIXWRIGHT_IN_REGISTER(x8));
    asm volatile(
        ""
        : MIXWRIGHT_IN_REGISTER(x9), MIXWRIGHT_IN_REGISTER(x10), MIXWRIGHT_IN_REGISTER(x11));
  }
  const Lanes sum = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11;
  *result = sum[0];
  return rounds * kChains * kLanes * 2;
}

}  // namespace mixwright::bench::MIXWRIGHT_PEAK_SET
