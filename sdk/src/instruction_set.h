#pragma once

namespace mixwright {

/// For which kernels may be compiled: files *_avx2.cpp, *_avx512.cpp, and those without a suffix.
enum class InstructionSet { kBaseline, kAvx2, kAvx512 };

/// The widest that this processor has and that ATEN_CPU_CAPABILITY, by which LibTorch is told to
/// keep to a lower one, allows.
InstructionSet widest_instruction_set();

}  // namespace mixwright
