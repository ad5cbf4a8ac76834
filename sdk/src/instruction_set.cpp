#include "instruction_set.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

namespace mixwright {

namespace {

bool is_kept_below(std::initializer_list<std::string_view> sets) {
  const char* capability = std::getenv("ATEN_CPU_CAPABILITY");
  return capability != nullptr && std::find(sets.begin(), sets.end(), capability) != sets.end();
}

}  // namespace

InstructionSet widest_instruction_set() {
#if defined(__x86_64__)
  if (!is_kept_below({"default", "avx2"}) && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return InstructionSet::kAvx512;
  }
  if (!is_kept_below({"default"}) && __builtin_cpu_supports("avx2") &&
      __builtin_cpu_supports("fma")) {
    return InstructionSet::kAvx2;
  }
#endif
  return InstructionSet::kBaseline;
}

}  // namespace mixwright
