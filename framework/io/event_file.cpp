#include "framework/io/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <string_view>

#include <mixwright/error.h>

#include "framework/io/crc32c.h"
#include "framework/io/text.h"

namespace mixwright::io {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kEventsPrefix = "events.out.tfevents.";

// Protobuf's wire format: a field is its key, (number << 3) | kind, and its value.
enum class WireKind : uint64_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// An integer in little endian.
template <typename Integer>
void put_fixed(std::string& to, Integer value) {
  for (size_t i = 0; i < sizeof value; ++i) to += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
void put_varint(std::string& to, uint64_t value) {
  for (; value >= 0x80; value >>= 7U) to += static_cast<char>((value & 0x7FU) | 0x80U);
  to += static_cast<char>(value);
}

void put_key(std::string& to, uint64_t number, WireKind kind) {
  put_varint(to, number << 3U | static_cast<uint64_t>(kind));
}

void put_bytes(std::string& to, uint64_t number, std::string_view bytes) {
  put_key(to, number, WireKind::kBytes);
  put_varint(to, bytes.size());
  to += bytes;
}

/// The head of every Event: wall_time = 1, step = 2.
std::string event_of(int64_t step) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string event;
  put_key(event, 1, WireKind::kFixed64);
  put_fixed(event, std::bit_cast<uint64_t>(std::chrono::duration<double>(now).count()));
  put_key(event, 2, WireKind::kVarint);
  put_varint(event, static_cast<uint64_t>(step));
  return event;
}

std::string version_event() {
  std::string event = event_of(0);
  put_bytes(event, 3, "brain.Event:2");  // file_version = 3
  return event;
}

std::string start_event(int64_t step) {
  std::string log;
  put_key(log, 1, WireKind::kVarint);  // SessionLog.status = 1
  put_varint(log, 1);                  // START
  std::string event = event_of(step);
  put_bytes(event, 7, log);  // session_log = 7
  return event;
}

std::string scalars_event(int64_t step, const std::vector<Scalar>& scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    std::string value;
    put_bytes(value, 1, scalar.tag);        // Value.tag = 1
    put_key(value, 2, WireKind::kFixed32);  // Value.simple_value = 2
    put_fixed(value, std::bit_cast<uint32_t>(static_cast<float>(scalar.value)));
    put_bytes(summary, 1, value);  // Summary.value = 1
  }
  std::string event = event_of(step);
  put_bytes(event, 5, summary);  // summary = 5
  return event;
}

/// A sum over bytes that hold sums themselves would be weak, says TensorFlow, hence the mask.
uint32_t masked_crc(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xA282EAD8U;
}

/// The host's name in letters that no file name minds.
std::string host_name() {
  std::array<char, 65> text{};
  if (::gethostname(text.data(), text.size() - 1) != 0 || text[0] == '\0') return "localhost";
  std::string name = text.data();
  std::replace_if(
      name.begin(),
      name.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '-' && c != '.'; },
      '_');
  return name;
}

/// The seconds in an event file's name, or -1.
int64_t seconds_in(const std::string& file_name) {
  if (!file_name.starts_with(kEventsPrefix)) return -1;
  int64_t seconds = -1;
  const char* begin = file_name.data() + kEventsPrefix.size();
  const auto [end, error] = std::from_chars(begin, file_name.data() + file_name.size(), seconds);
  return error == std::errc() && *end == '.' ? seconds : -1;
}

/// Now, or the second after the latest file of the folder.
int64_t seconds_for(const fs::path& folder) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    seconds = std::max(seconds, seconds_in(entry->path().filename().string()) + 1);
  }
  return seconds;
}

}  // namespace

std::string tf_record(const std::string& message) {
  std::string record;
  put_fixed(record, static_cast<uint64_t>(message.size()));
  put_fixed(record, masked_crc(record));
  record += message;
  put_fixed(record, masked_crc(message));
  return record;
}

EventFile::EventFile(const fs::path& folder, int64_t first_step) {
  std::string seconds = std::to_string(seconds_for(folder));
  if (seconds.size() < 10) seconds.insert(0, 10 - seconds.size(), '0');  // sorted as text
  path_ = folder / (std::string(kEventsPrefix) + seconds + "." + host_name() + "." +
                    std::to_string(::getpid()));
  file_ = FileDescriptor(
      ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644));
  if (!file_.is_open()) {
    throw Error(path_.string() + ": cannot be created (" + errno_text(errno) + ")");
  }
  append(version_event());
  append(start_event(first_step));
}

void EventFile::add(int64_t step, const std::vector<Scalar>& scalars) {
  append(scalars_event(step, scalars));
}

void EventFile::append(const std::string& event) {
  if (const int error = file_.write_all(tf_record(event)); error != 0) {
    throw Error(path_.string() + ": cannot be written (" + errno_text(error) + ")");
  }
}

}  // namespace mixwright::io
