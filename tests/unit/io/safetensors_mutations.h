#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/io/io_test_files.h"

namespace mixwright::io {

/// Damaged copies of small valid files, the same ones in every run.
class SafetensorsMutator {
 public:
  explicit SafetensorsMutator(uint64_t seed) : random_(seed) {}

  /// A whole file. Most mutations strike the header, whose length is then put right, so that the
  /// text behind it is read at all.
  std::string next() {
    std::string header(kHeaders.at(below(kHeaders.size())));
    std::string data(below(8) == 0 ? below(20) : 8, '\1');
    for (size_t i = 1 + below(3); i-- > 0;) mutate(header);
    std::string bytes = safetensors_bytes(header, data);
    if (below(10) == 0) mutate(bytes);
    return bytes;
  }

 private:
  // 8 bytes of data each.
  static constexpr std::array<std::string_view, 6> kHeaders = {
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
      R"({"__metadata__":{"k":"v","l":""},"a.b":{"dtype":"I64","shape":[],"data_offsets":[0,8]}} )",
      R"({"a":{"dtype":"U8","shape":[2,2],"data_offsets":[4,8]},"b":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})",
      R"({"e":{"dtype":"F64","shape":[0,3],"data_offsets":[0,0]},"m":{"dtype":"BOOL","shape":[1,8],"data_offsets":[0,8]}})",
      R"({"x":{"dtype":"F4","shape":[4,4],"data_offsets":[0,8],"note":[1,"2",null]}})",
      R"({"\u00e4\n":{"data_offsets":[0,8],"shape":[4],"dtype":"BF16"}}   )"};
  static constexpr std::array<std::string_view, 34> kTokens = {"{",
                                                               "}",
                                                               "[",
                                                               "]",
                                                               ",",
                                                               ":",
                                                               "\"",
                                                               "\\",
                                                               " ",
                                                               "\n",
                                                               "0",
                                                               "1",
                                                               "8",
                                                               "-1",
                                                               "1.0",
                                                               "1e9",
                                                               "-0",
                                                               "4294967296",
                                                               "9223372036854775807",
                                                               "18446744073709551615",
                                                               "18446744073709551616",
                                                               "null",
                                                               "true",
                                                               "{}",
                                                               "[]",
                                                               "\"\"",
                                                               "\"a\"",
                                                               "\"dtype\"",
                                                               "\"shape\":[0]",
                                                               "\"data_offsets\"",
                                                               "\"__metadata__\":{},",
                                                               "\"F32\"",
                                                               "\\u0000",
                                                               "\xC3\xA4"};

  size_t below(size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  void mutate(std::string& text) {
    const size_t at = below(text.size());
    const size_t length = below(std::min<size_t>(text.size() - at, 24) + 1);
    const std::string_view token = kTokens.at(below(kTokens.size()));
    switch (below(7)) {
      case 0:  // another bit
        if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1:  // another byte
        if (!text.empty()) text[at] = static_cast<char>(below(256));
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(at, text.substr(at, length));
        break;
      case 4:
        text.insert(at, token);
        break;
      case 5:
        text.replace(at, below(3), token);
        break;
      default:  // a digit for a digit, which keeps the text valid
        if (const size_t digit = text.find_first_of("0123456789", at); digit != std::string::npos) {
          text[digit] = static_cast<char>('0' + below(10));
        }
    }
  }

  std::mt19937_64 random_;
};

}  // namespace mixwright::io
