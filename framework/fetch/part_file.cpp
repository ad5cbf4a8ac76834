#include "framework/fetch/part_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <string_view>
#include <system_error>

#include "framework/io/atomic_file.h"
#include "framework/io/text.h"
#include "framework/plugin/sha256.h"

namespace mixwright::fetch {

namespace fs = std::filesystem;

namespace {

constexpr long kOk = 200;

/// What If-Range may say: a weak ETag promises too little. "" where the server gave nothing.
std::string validator_of(const HttpReply& reply) {
  if (!reply.etag.empty() && !reply.etag.starts_with("W/")) return reply.etag;
  return reply.last_modified;
}

/// Takes a number off the front of a text.
std::optional<uint64_t> take_number(std::string_view& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

bool take_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

std::string with_suffix(const fs::path& path, const char* suffix) {
  return path.string() + suffix;
}

}  // namespace

std::optional<ContentRange> parse_content_range(const std::string& text) {
  std::string_view rest = text;
  ContentRange range;
  if (!take_word(rest, "bytes ")) return std::nullopt;
  const auto from = take_number(rest);
  if (!from || !take_word(rest, "-") || !take_number(rest) || !take_word(rest, "/")) {
    return std::nullopt;
  }
  range.from = *from;
  if (rest == "*") return range;
  range.total = take_number(rest);
  if (!range.total || !rest.empty()) return std::nullopt;
  return range;
}

PartFile::PartFile(const RemoteFile& file, const fs::path& target, const DownloadOptions& options)
    : file_(file),
      options_(options),
      target_(target),
      path_(with_suffix(target, ".part")),
      origin_(with_suffix(target, ".part.from")) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;
  descriptor_ = io::FileDescriptor(::open(path_.c_str(), kFlags, 0644));
  if (!descriptor_.is_open()) fail("cannot be opened for writing", errno);
  struct stat info{};
  if (::fstat(descriptor_.get(), &info) != 0) fail("cannot read its size", errno);
  size_ = static_cast<uint64_t>(info.st_size);
  // Nobody knows how it came, and a power cut may have eaten of it.
  if (size_ > 0) pieces_ = 2;
  if (size_ > file_.bytes()) start_anew();
}

PartFile::~PartFile() {
  if (!descriptor_.is_open() || size_ > 0) return;
  std::error_code ignored;
  fs::remove(path_, ignored);
  fs::remove(origin_, ignored);
}

void PartFile::fail(const std::string& what, int error) const {
  std::string message = path_.string() + ": " + what + ": " + io::errno_text(error);
  struct statvfs space{};
  if (error == ENOSPC && ::statvfs(path_.parent_path().c_str(), &space) == 0) {
    message += "; " + io::grouped(file_.bytes() - std::min(size_, file_.bytes())) +
               " bytes needed, " +
               io::grouped(static_cast<uint64_t>(space.f_bavail) * space.f_frsize) +
               " free; what has come is kept";
  }
  throw Error(message);
}

void PartFile::remember(const std::string& validator) const {
  // Only a hint: a damaged one makes the server send the whole file.
  std::ofstream(origin_, std::ios::binary) << url_ << "\n" << validator << "\n";
}

std::string PartFile::remembered_validator() const {
  std::ifstream in(origin_, std::ios::binary);
  std::string url;
  std::string validator;
  if (!std::getline(in, url) || url != url_ || !std::getline(in, validator)) return "";
  return validator;
}

HttpRequest PartFile::request_to(const std::string& url) {
  url_ = url;
  HttpRequest request;
  request.url = url;
  request.from = size_;
  if (size_ > 0) request.validator = remembered_validator();
  request.user_agent = "mixwright/" MIXWRIGHT_VERSION;
  request.connect_limit = options_.connect_limit;
  request.stall_limit = options_.stall_limit;
  return request;
}

void PartFile::begin(const HttpReply& reply) {
  std::optional<uint64_t> total = reply.content_length;
  if (reply.status == kOk) {
    if (size_ > 0) start_anew();  // it knows no parts of files, or has another version by now
  } else {
    const auto range = parse_content_range(reply.content_range);
    if (!range || range->from != size_) {
      start_anew();
      throw Unfit("sends another part of the file than was asked for (" +
                  io::in_quotes(reply.content_range) + ")");
    }
    total = range->total;
  }
  if (total && *total != file_.bytes()) {
    throw Unfit("has " + io::grouped(*total) + " bytes there, " + io::grouped(file_.bytes()) +
                " expected");
  }
  ++pieces_;
  remember(validator_of(reply));
  options_.progress(size_);
}

void PartFile::take(const char* data, size_t size) {
  if (size > file_.bytes() - size_) {
    start_anew();
    throw Unfit("sends more than the " + io::grouped(file_.bytes()) + " bytes expected");
  }
  for (size_t done = 0; done < size;) {
    const ssize_t written = ::write(descriptor_.get(), data + done, size - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("cannot be written", written < 0 ? errno : ENOSPC);
    done += static_cast<size_t>(written);
    size_ += static_cast<uint64_t>(written);
    received_ += static_cast<uint64_t>(written);
  }
  options_.progress(size_);
}

void PartFile::start_anew() {
  if (::ftruncate(descriptor_.get(), 0) != 0) fail("cannot be emptied", errno);
  size_ = 0;
  pieces_ = 0;
}

std::string PartFile::sha256() {
  return plugin::sha256_of_file(path_);
}

void PartFile::finish() {
  if (::fdatasync(descriptor_.get()) != 0) fail("cannot be synced to the disk", errno);
  if (descriptor_.close() != 0) fail("cannot be closed", errno);
  if (::rename(path_.c_str(), target_.c_str()) != 0) fail("cannot be given its name", errno);
  std::error_code ignored;
  fs::remove(origin_, ignored);
  io::sync_folder(target_.parent_path());
}

}  // namespace mixwright::fetch
