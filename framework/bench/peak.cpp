#include "framework/bench/peak.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

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

using Clock = std::chrono::steady_clock;
using Kernel = int64_t (*)(int64_t, float*);

constexpr int kRepetitions = 5;
constexpr double kSeconds = 0.1;

struct Choice {
  Kernel kernel;
  const char* name;
};

Choice fastest_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return {&avx512::multiply_add, "avx512"};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return {&avx2::multiply_add, "avx2"};
  }
#endif
  return {&baseline::multiply_add, "baseline"};
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Operations a second of all threads: from the moment when all are ready to the end of the last.
double rate(Kernel kernel, int64_t rounds, int threads) {
  std::barrier ready(threads);
  std::vector<int64_t> operations(static_cast<size_t>(threads));
  std::vector<double> seconds(static_cast<size_t>(threads));
  std::vector<std::thread> others;
  const auto work = [&](size_t i) {
    float value = 0.5F;
    ready.arrive_and_wait();
    const Clock::time_point begin = Clock::now();
    operations[i] = kernel(rounds, &value);
    seconds[i] = seconds_since(begin);
  };
  for (int i = 1; i < threads; ++i) others.emplace_back(work, static_cast<size_t>(i));
  work(0);
  for (std::thread& other : others) other.join();
  int64_t all = 0;
  for (const int64_t one : operations) all += one;
  return static_cast<double>(all) / *std::max_element(seconds.begin(), seconds.end());
}

}  // namespace

Peak measure_peak(int threads) {
  const Choice choice = fastest_kernel();
  int64_t rounds = int64_t{1} << 16;
  for (;;) {
    float value = 0.5F;
    const Clock::time_point begin = Clock::now();
    choice.kernel(rounds, &value);
    if (seconds_since(begin) >= kSeconds) break;
    rounds *= 2;
  }
  Peak peak{0, choice.name};
  for (int i = 0; i < kRepetitions; ++i) {
    peak.flops = std::max(peak.flops, rate(choice.kernel, rounds, threads));
  }
  return peak;
}

}  // namespace mixwright::bench
