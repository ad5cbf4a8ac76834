#pragma once

#include <cstdint>
#include <string>

#include <mixwright/options.h>

namespace mixwright::attention {

/// How far windows are shifted: tokens, or "alternate": half a window in every second block.
struct Shift {
  int64_t tokens = 0;
  bool alternate = false;
};

}  // namespace mixwright::attention

namespace mixwright::options {

/// `shift = 2` or `shift = "alternate"`.
template <>
struct Codec<attention::Shift> {
  static constexpr const char* kAlternate = "alternate";

  static void read(const Reader& reader,
                   const FieldBase& field,
                   const ConfigValue& value,
                   attention::Shift& out) {
    if (value.is_string()) {
      if (read_choice(reader, field, value, {kAlternate}) == 0) out = {0, true};
    } else {
      read_integer(reader, field, value, out.tokens);
    }
  }
  static void describe(OptionSpec& spec) {
    spec.type = OptionType::kInteger;
    spec.choices = {kAlternate};
  }
  static ConfigValue write(const attention::Shift& value) {
    return value.alternate ? ConfigValue(kAlternate) : ConfigValue(value.tokens);
  }
};

}  // namespace mixwright::options
