#include "framework/io/safetensors_checksum.h"

#include <array>
#include <cstddef>
#include <cstdio>
#include <set>

#include <zlib.h>

#include <mixwright/error.h>

#include "framework/io/text.h"

namespace mixwright::io {

namespace {

constexpr size_t kDigits = 8;

uint32_t extend(uint32_t sum, const void* data, size_t size) {
  if (size == 0) return sum;  // zlib takes the null pointer of an empty tensor for a new start
  return static_cast<uint32_t>(crc32_z(sum, static_cast<const Bytef*>(data), size));
}

/// With its length before it, so that ("a", "bc") and ("ab", "c") differ.
uint32_t extend(uint32_t sum, std::string_view text) {
  const uint64_t size = text.size();
  return extend(extend(sum, &size, sizeof size), text.data(), text.size());
}

uint32_t metadata_sum(const std::map<std::string, std::string>& metadata) {
  uint32_t sum = 0;
  for (const auto& [key, value] : metadata) {
    if (key != kChecksumKey) sum = extend(extend(sum, key), value);
  }
  return sum;
}

uint32_t tensor_sum(const TensorEntry& entry, const void* data) {
  uint32_t sum = extend(0, entry.name);
  sum = extend(sum, dtype_name(entry.dtype));
  sum = extend(sum, shape_text(entry.shape));
  return extend(sum, data, entry.bytes());
}

std::string hexadecimal(uint32_t sum) {
  std::array<char, kDigits + 1> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x", sum);
  return digits.data();
}

/// Only the lower-case digits that the writer uses: a flipped bit must not turn `a` into `A`
/// unseen.
std::optional<uint32_t> parse_hexadecimal(std::string_view digits) {
  constexpr std::string_view kAlphabet = "0123456789abcdef";
  uint32_t value = 0;
  for (const char digit : digits) {
    const size_t at = kAlphabet.find(digit);
    if (at == std::string_view::npos) return std::nullopt;
    value = (value << 4U) | static_cast<uint32_t>(at);
  }
  return value;
}

}  // namespace

std::optional<SafetensorsChecksums> SafetensorsChecksums::from_header(
    const SafetensorsHeader& header, const std::string& file) {
  const auto found = header.metadata.find(std::string(kChecksumKey));
  if (found == header.metadata.end()) return std::nullopt;
  const auto refuse = [&](const std::string& what) {
    throw Error(file + ": metadata " + in_quotes(kChecksumKey) + ": " + what +
                "; the file was damaged, or edited by a program that kept old checksums");
  };
  const std::string_view text = found->second;
  const size_t count = header.entries.size() + 1;
  if (text.size() != count * kDigits) {
    refuse(grouped(count) + " checksums of 8 digits expected, found " + grouped(text.size()) +
           " characters");
  }
  std::set<std::string> names;
  for (const TensorEntry& entry : header.entries) names.insert(entry.name);

  SafetensorsChecksums sums;
  size_t at = 0;
  const auto next = [&] {
    const std::optional<uint32_t> sum = parse_hexadecimal(text.substr(at, kDigits));
    if (!sum) refuse("not a checksum: " + in_quotes(text.substr(at, kDigits)));
    at += kDigits;
    return *sum;
  };
  sums.metadata_ = next();
  for (const std::string& name : names) sums.tensors_[name] = next();
  if (sums.metadata_ != metadata_sum(header.metadata)) {
    refuse("the other metadata have another checksum than when they were written");
  }
  return sums;
}

void SafetensorsChecksums::set_metadata(const std::map<std::string, std::string>& metadata) {
  metadata_ = metadata_sum(metadata);
}

void SafetensorsChecksums::set_tensor(const TensorEntry& entry, const void* data) {
  tensors_[entry.name] = tensor_sum(entry, data);
}

void SafetensorsChecksums::verify(const TensorEntry& entry,
                                  const void* data,
                                  const std::string& file) const {
  const uint32_t expected = tensors_.at(entry.name);
  const uint32_t found = tensor_sum(entry, data);
  if (found == expected) return;
  throw Error(file + ": tensor " + in_quotes(entry.name) + ": CRC-32 " + hexadecimal(expected) +
              " expected, its bytes give " + hexadecimal(found) +
              "; the file was damaged after it was written, use another copy");
}

std::string SafetensorsChecksums::text() const {
  std::string text = hexadecimal(metadata_);
  for (const auto& [name, sum] : tensors_) text += hexadecimal(sum);
  return text;
}

}  // namespace mixwright::io
