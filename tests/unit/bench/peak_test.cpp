#include "framework/bench/peak.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace mixwright::bench {

namespace baseline {
int64_t multiply_add(int64_t rounds, float* result);
}
namespace avx2 {
int64_t multiply_add(int64_t rounds, float* result);
}
namespace avx512 {
int64_t multiply_add(int64_t rounds, float* result);
}

namespace {

// 0.5 x + 0.5 has the fixed point 1: 12 chains that were all run end at 12.
TEST(Peak, KernelsDoTheOperationsThatTheyCount) {
  float value = 0.5F;
  EXPECT_EQ(baseline::multiply_add(100, &value), 100 * 12 * 4 * 2);
  EXPECT_FLOAT_EQ(value, 12);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    value = 0.5F;
    EXPECT_EQ(avx2::multiply_add(100, &value), 100 * 12 * 8 * 2);
    EXPECT_FLOAT_EQ(value, 12);
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    value = 0.5F;
    EXPECT_EQ(avx512::multiply_add(100, &value), 100 * 12 * 16 * 2);
    EXPECT_FLOAT_EQ(value, 12);
  }
#endif
}

}  // namespace
}  // namespace mixwright::bench
