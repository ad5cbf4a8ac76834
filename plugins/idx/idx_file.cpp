#include "idx_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <zlib.h>

#include <mixwright/error.h>

namespace {

using mixwright::Error;

// Deflate codes at most 258 bytes in two bits: no stream grows more than 1032-fold (zlib's manual,
// "Maximum Compression Factor").
constexpr uint64_t kHighestCompression = 1032;
constexpr uint64_t kHighestRank = 4;

std::string grouped(uint64_t value) {
  std::string digits = std::to_string(value);
  for (auto i = static_cast<int64_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<size_t>(i), ",");
  }
  return digits;
}

std::string hex_bytes(const uint8_t* bytes, size_t count) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) text += ' ';
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

/// A file read from front to back; zlib passes what is not gzipped through as it is.
class Input {
 public:
  explicit Input(const std::string& path) : path_(path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) fail(std::string("cannot be opened: ") + std::strerror(errno) + hint());
    struct stat status{};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(descriptor);
      fail("is no file" + std::string(S_ISDIR(status.st_mode) ? " but a folder" : "") + hint());
    }
    file_size_ = static_cast<uint64_t>(status.st_size);
    file_.reset(gzdopen(descriptor, "rb"));
    if (!file_) {
      ::close(descriptor);
      fail("cannot be read: out of memory");
    }
    gzbuffer(file_.get(), 1U << 17);
  }

  /// Reads up to `size` bytes; fewer come at the end of the file only.
  uint64_t read(void* data, uint64_t size) {
    uint64_t done = 0;
    while (done < size) {
      const auto piece = static_cast<unsigned>(std::min<uint64_t>(size - done, 1U << 30));
      const int got = gzread(file_.get(), static_cast<uint8_t*>(data) + done, piece);
      if (got < 0) {
        int code = 0;
        const char* reason = gzerror(file_.get(), &code);
        const std::string words = code == Z_ERRNO ? std::strerror(errno) : reason;
        // A cut-off stream: the caller compares sizes, which says more.
        if (code == Z_BUF_ERROR) {
          cut_off_ = true;
          break;
        }
        fail("the compressed data are damaged at byte " + grouped(position_ + done) + " (" + words +
             "); fetch the file again");
      }
      if (got == 0) {
        int code = 0;  // zlib reports an end within the trailer as nothing read, and a mark
        gzerror(file_.get(), &code);
        cut_off_ = cut_off_ || code == Z_BUF_ERROR;
        break;
      }
      done += static_cast<uint64_t>(got);
    }
    position_ += done;
    return done;
  }

  /// What is left, read and thrown away.
  uint64_t drain() {
    std::array<uint8_t, 1 << 16> scratch{};
    uint64_t total = 0;
    while (const uint64_t got = read(scratch.data(), scratch.size())) total += got;
    return total;
  }

  /// Whether a compressed stream ended early.
  bool is_cut_off() const { return cut_off_; }

  /// More than this many bytes the file cannot hold.
  uint64_t most_bytes() const {
    return gzdirect(file_.get()) != 0 ? file_size_ : file_size_ * kHighestCompression;
  }

  [[noreturn]] void fail(const std::string& reason) const { throw Error(path_ + ": " + reason); }

 private:
  static std::string hint() {
    return "; an IDX file expected; relative paths start at the current folder";
  }
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  std::string path_;
  uint64_t file_size_ = 0;
  uint64_t position_ = 0;
  bool cut_off_ = false;
  std::unique_ptr<gzFile_s, Close> file_;
};

std::string ranks_text(const std::vector<int>& ranks) {
  std::string text;
  for (size_t i = 0; i < ranks.size(); ++i) {
    text += (i == 0 ? "" : " or ") + std::to_string(ranks[i]);
  }
  return text;
}

/// Sizes of the dimensions, out of the header.
std::vector<int64_t> read_sizes(Input& input, const std::vector<int>& ranks, uint64_t& header) {
  std::array<uint8_t, 4> magic{};
  header = input.read(magic.data(), magic.size());
  if (header != magic.size() || magic[0] != 0 || magic[1] != 0) {
    input.fail("no IDX file: it begins with [" + hex_bytes(magic.data(), header) +
               "], two zero bytes, a type and a number of dimensions expected");
  }
  if (magic[2] != 0x08) {
    input.fail("IDX type 0x" + hex_bytes(&magic[2], 1) + "; only 0x08, unsigned bytes, is read");
  }
  const uint64_t rank = magic[3];
  if (rank > kHighestRank ||
      std::find(ranks.begin(), ranks.end(), static_cast<int>(rank)) == ranks.end()) {
    input.fail(std::to_string(rank) + " dimensions, " + ranks_text(ranks) +
               " expected; are images and labels swapped?");
  }
  std::array<uint8_t, 4 * kHighestRank> words{};
  const uint64_t got = input.read(words.data(), 4 * rank);
  header += got;
  if (got != 4 * rank) {
    input.fail("the header of " + std::to_string(4 + 4 * rank) + " bytes is cut off after " +
               std::to_string(header));
  }
  std::vector<int64_t> sizes;
  for (uint64_t i = 0; i < rank; ++i) {
    const uint8_t* word = &words[4 * i];
    sizes.push_back(int64_t{word[0]} << 24 | int64_t{word[1]} << 16 | int64_t{word[2]} << 8 |
                    int64_t{word[3]});
  }
  return sizes;
}

/// Product of the sizes, or nothing where it does not fit.
std::optional<uint64_t> product(const std::vector<int64_t>& sizes) {
  uint64_t result = 1;
  for (const int64_t size : sizes) {
    if (__builtin_mul_overflow(result, static_cast<uint64_t>(size), &result)) return std::nullopt;
  }
  return result;
}

std::string sizes_text(const std::vector<int64_t>& sizes) {
  std::string text;
  for (const int64_t size : sizes) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text;
}

}  // namespace

torch::Tensor read_idx(const std::string& path, const std::vector<int>& ranks) {
  Input input(path);
  uint64_t header = 0;
  const std::vector<int64_t> sizes = read_sizes(input, ranks, header);
  const std::optional<uint64_t> values = product(sizes);
  const auto too_short = [&](uint64_t found) {
    const bool countable = values && *values <= UINT64_MAX - header;
    input.fail((countable ? grouped(*values + header) : "more than 2^64") +
               " bytes expected from its header (" + sizes_text(sizes) + "), file has " +
               grouped(found) + "; the download may be cut off");
  };
  if (!values || *values > input.most_bytes()) too_short(header + input.drain());
  if (*values == 0) input.fail("holds nothing: its sizes are " + sizes_text(sizes));

  torch::Tensor data = torch::empty(sizes, torch::kUInt8);
  const uint64_t got = input.read(data.data_ptr<uint8_t>(), *values);
  if (got != *values) too_short(header + got);
  if (const uint64_t more = input.drain(); more != 0) {
    input.fail(grouped(*values + header) + " bytes expected from its header (" + sizes_text(sizes) +
               "), file has " + grouped(*values + header + more) +
               "; it is not what its header says");
  }
  if (input.is_cut_off()) input.fail("the compressed file is cut off at its end; fetch it again");
  return data;
}
