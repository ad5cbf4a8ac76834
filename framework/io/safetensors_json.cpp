#include "framework/io/safetensors_json.h"

#include <cstddef>
#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>

#include "framework/io/text.h"

namespace mixwright::io {

namespace {

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr size_t kMaxDepth = 4;
constexpr size_t kMaxWarnings = 8;

/// Receives the JSON text piece by piece; a tree of it would take many times the header's size, and
/// would already have lost duplicate keys.
class HeaderReader {
 public:
  using Json = nlohmann::json;

  HeaderReader(const std::string& file, SafetensorsHeader& header) : file_(file), header_(header) {}

  // The interface that nlohmann's parser calls.
  bool null() {
    // Other writers put null where they have no metadata, and the reference reader takes it.
    if (top() == Place::kRoot && key_ == kMetadataKey) {
      warn("\"__metadata__\" is null and counts as empty");
      return true;
    }
    return scalar("null");
  }
  bool boolean(bool value) { return scalar(value ? "true" : "false"); }
  /// Only what has a minus sign comes here.
  bool number_integer(Json::number_integer_t value) {
    return scalar(value == 0 ? "-0" : std::to_string(value));
  }
  bool number_unsigned(Json::number_unsigned_t value);
  bool number_float(Json::number_float_t /*value*/, const std::string& text) {
    return scalar(printable(text, 40));
  }
  bool string(std::string& value);
  bool binary(Json::binary_t& /*value*/) { return scalar("binary"); }
  bool start_object(size_t /*elements*/);
  bool key(std::string& key);
  bool end_object();
  bool start_array(size_t /*elements*/);
  bool end_array() { return leave(); }
  bool parse_error(size_t position, const std::string& /*token*/, const Json::exception& /*why*/) {
    refuse("the header is not valid JSON at its byte " + grouped(position));
  }

 private:
  enum class Place { kOutside, kRoot, kMetadata, kTensor, kShape, kOffsets, kUnknown };
  struct Frame {
    Place place;
    std::unordered_set<std::string> keys;
  };

  Place top() const { return frames_.empty() ? Place::kOutside : frames_.back().place; }
  bool enter(Place place);
  bool leave() {
    frames_.pop_back();
    return true;
  }
  void start_tensor();
  void finish_tensor();
  /// A value that is neither object nor array, in words.
  bool scalar(const std::string& found);
  void warn(const std::string& what);
  [[noreturn]] void refuse(const std::string& what) const { throw Error(file_ + ": " + what); }
  [[noreturn]] void refuse_in_tensor(const std::string& what) const {
    refuse("tensor " + in_quotes(tensor_.name) + ": " + what);
  }

  const std::string& file_;
  SafetensorsHeader& header_;
  std::vector<Frame> frames_;
  std::string key_;  // the last one seen, whatever its depth
  TensorEntry tensor_;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  bool has_offsets_ = false;
  size_t offset_count_ = 0;
  size_t warning_count_ = 0;
};

void HeaderReader::warn(const std::string& what) {
  if (++warning_count_ <= kMaxWarnings) header_.warnings.push_back(file_ + ": " + what);
}

bool HeaderReader::enter(Place place) {
  if (frames_.size() == kMaxDepth) {
    refuse("the header nests deeper than " + std::to_string(kMaxDepth) +
           " levels; this is no safetensors header");
  }
  frames_.push_back({place, {}});
  return true;
}

bool HeaderReader::scalar(const std::string& found) {
  switch (top()) {
    case Place::kOutside:
      refuse("the header must be a JSON object, found " + found);
    case Place::kRoot:
      if (key_ == kMetadataKey) refuse("\"__metadata__\" must be an object, found " + found);
      refuse("tensor " + in_quotes(key_) +
             ": an object with dtype, shape and data_offsets expected, "
             "found " +
             found);
    case Place::kMetadata:
      refuse("metadata " + in_quotes(key_) + ": a string expected, found " + found);
    case Place::kTensor:
      if (key_ == "dtype") refuse_in_tensor("dtype must be a string, found " + found);
      if (key_ == "shape" || key_ == "data_offsets") {
        refuse_in_tensor(key_ + " must be an array, found " + found);
      }
      return true;
    case Place::kShape:
      refuse_in_tensor("shape must hold non-negative integers, found " + found);
    case Place::kOffsets:
      refuse_in_tensor("data_offsets must hold two non-negative integers, found " + found);
    case Place::kUnknown:
      return true;
  }
  return true;
}

bool HeaderReader::number_unsigned(Json::number_unsigned_t value) {
  if (top() == Place::kShape) {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      refuse_in_tensor("dim " + std::to_string(value) + " does not fit in 63 bits");
    }
    if (tensor_.shape.size() == kMaxTensorRank) {
      refuse_in_tensor("more than " + std::to_string(kMaxTensorRank) + " dims");
    }
    tensor_.shape.push_back(static_cast<int64_t>(value));
    return true;
  }
  if (top() == Place::kOffsets) {
    if (++offset_count_ == 1) tensor_.begin = value;
    if (offset_count_ == 2) tensor_.end = value;
    if (offset_count_ > 2) refuse_in_tensor("data_offsets must hold exactly two numbers");
    return true;
  }
  return scalar(std::to_string(value));
}

bool HeaderReader::string(std::string& value) {
  if (top() == Place::kMetadata) {
    header_.metadata.emplace(key_, std::move(value));
    return true;
  }
  if (top() == Place::kTensor && key_ == "dtype") {
    const std::optional<SafetensorsDtype> dtype = find_dtype(value);
    if (!dtype) {
      refuse_in_tensor("unknown dtype " + in_quotes(value) + "; known are " + dtype_names());
    }
    tensor_.dtype = *dtype;
    has_dtype_ = true;
    return true;
  }
  return scalar("the string " + in_quotes(value));
}

bool HeaderReader::start_object(size_t /*elements*/) {
  switch (top()) {
    case Place::kOutside:
      return enter(Place::kRoot);
    case Place::kRoot:
      if (key_ == kMetadataKey) return enter(Place::kMetadata);
      start_tensor();
      return enter(Place::kTensor);
    default:
      scalar("an object");
      return enter(Place::kUnknown);
  }
}

bool HeaderReader::start_array(size_t /*elements*/) {
  if (top() == Place::kTensor && key_ == "shape") {
    has_shape_ = true;
    return enter(Place::kShape);
  }
  if (top() == Place::kTensor && key_ == "data_offsets") {
    has_offsets_ = true;
    return enter(Place::kOffsets);
  }
  scalar("an array");
  return enter(Place::kUnknown);
}

bool HeaderReader::key(std::string& key) {
  key_ = std::move(key);
  if (!frames_.back().keys.insert(key_).second) {
    const std::string twice = in_quotes(key_) + " stands twice";
    if (top() == Place::kRoot) {
      refuse((key_ == kMetadataKey ? "" : "tensor ") + twice + "; only one of them could be read");
    }
    if (top() == Place::kMetadata) refuse("metadata " + twice);
    refuse_in_tensor(twice);
  }
  if (top() == Place::kTensor && key_ != "dtype" && key_ != "shape" && key_ != "data_offsets") {
    warn("tensor " + in_quotes(tensor_.name) + ": the unknown key " + in_quotes(key_) +
         " is ignored");
  }
  return true;
}

bool HeaderReader::end_object() {
  if (top() == Place::kTensor) finish_tensor();
  if (top() == Place::kRoot && warning_count_ > kMaxWarnings) {
    header_.warnings.push_back(file_ + ": and " + grouped(warning_count_ - kMaxWarnings) +
                               " warnings more");
  }
  return leave();
}

void HeaderReader::start_tensor() {
  if (key_.empty()) refuse("a tensor has an empty name");
  if (key_.find('\0') != std::string::npos) {
    refuse("tensor " + in_quotes(key_) + ": a name must not hold a NUL character");
  }
  tensor_ = TensorEntry{};
  tensor_.name = key_;
  has_dtype_ = has_shape_ = has_offsets_ = false;
  offset_count_ = 0;
}

void HeaderReader::finish_tensor() {
  if (!has_dtype_) refuse_in_tensor("dtype is missing");
  if (!has_shape_) refuse_in_tensor("shape is missing");
  if (!has_offsets_) refuse_in_tensor("data_offsets is missing");
  if (offset_count_ != 2) refuse_in_tensor("data_offsets must hold exactly two numbers");
  header_.entries.push_back(std::move(tensor_));
}

}  // namespace

SafetensorsHeader read_header_json(std::string_view text, const std::string& file) {
  if (const size_t at = find_invalid_utf8(text); at != std::string_view::npos) {
    throw Error(file + ": the header is not valid UTF-8 at its byte " + grouped(at));
  }
  // nlohmann's parser takes NUL for the end of the text, and skips a byte-order mark.
  if (const size_t at = text.find('\0'); at != std::string_view::npos) {
    throw Error(file + ": the header holds a NUL at its byte " + grouped(at) +
                "; it may be padded with spaces only");
  }
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    throw Error(file + ": the header is empty; at least {} is expected");
  }
  if (text[first] != '{') {
    throw Error(file + ": the header must be a JSON object and begin with {, found " +
                in_quotes(text.substr(first, 1)));
  }
  SafetensorsHeader header;
  if (first > 0) {
    header.warnings.push_back(file +
                              ": the header begins with whitespace, which the format forbids");
  }
  HeaderReader reader(file, header);
  nlohmann::json::sax_parse(text.begin(), text.end(), &reader);
  return header;
}

}  // namespace mixwright::io
