#include "framework/io/safetensors_dtype.h"

#include <array>
#include <cstddef>

namespace mixwright::io {

namespace {

struct DtypeFacts {
  std::string_view name;
  int64_t bits;
};

// In the order of SafetensorsDtype.
constexpr std::array<DtypeFacts, 22> kDtypes = {{
    {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64},
}};
static_assert(kDtypes.size() == static_cast<size_t>(SafetensorsDtype::kU64) + 1);
static_assert(kDtypes[static_cast<size_t>(SafetensorsDtype::kF32)].name == "F32");
static_assert(kDtypes[static_cast<size_t>(SafetensorsDtype::kI16)].name == "I16");

}  // namespace

std::string_view dtype_name(SafetensorsDtype dtype) {
  return kDtypes.at(static_cast<size_t>(dtype)).name;
}

int64_t dtype_bits(SafetensorsDtype dtype) {
  return kDtypes.at(static_cast<size_t>(dtype)).bits;
}

std::optional<SafetensorsDtype> find_dtype(std::string_view name) {
  for (size_t i = 0; i < kDtypes.size(); ++i) {
    if (kDtypes[i].name == name) return static_cast<SafetensorsDtype>(i);
  }
  return std::nullopt;
}

std::string dtype_names() {
  std::string names;
  for (const DtypeFacts& facts : kDtypes) {
    if (!names.empty()) names += ", ";
    names += facts.name;
  }
  return names;
}

}  // namespace mixwright::io
