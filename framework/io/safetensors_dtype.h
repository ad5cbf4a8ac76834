#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mixwright::io {

/// Element types of the safetensors format, in the order by which its writers sort: tensors of the
/// later ones come first in a file, so that wide elements are aligned.
enum class SafetensorsDtype : uint8_t {
  kBool,
  kF4,
  kF6E2M3,
  kF6E3M2,
  kU8,
  kI8,
  kF8E5M2,
  kF8E4M3,
  kF8E8M0,
  kF8E4M3Fnuz,
  kF8E5M2Fnuz,
  kI16,
  kU16,
  kF16,
  kBF16,
  kI32,
  kU32,
  kF32,
  kC64,
  kF64,
  kI64,
  kU64,
};

/// The name in a header: `F32`.
std::string_view dtype_name(SafetensorsDtype dtype);

/// Bits of one element; less than 8 for packed types.
int64_t dtype_bits(SafetensorsDtype dtype);

std::optional<SafetensorsDtype> find_dtype(std::string_view name);

/// All names, for an error: `BOOL, F4, …`.
std::string dtype_names();

}  // namespace mixwright::io
