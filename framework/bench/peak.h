#pragma once

#include <string>

namespace mixwright::bench {

/// The most multiplications and additions in float32 that the processor does, measured.
struct Peak {
  double flops = 0;             ///< a second, on all threads together
  std::string instruction_set;  ///< `avx512`, `avx2`, `baseline`
};

/// Runs chains of x = a x + b that nothing but the multiply-add units can slow down, on so many
/// threads at once, several times for about a tenth of a second, and takes the fastest. A machine
/// that others use shows less than it has.
Peak measure_peak(int threads);

}  // namespace mixwright::bench
