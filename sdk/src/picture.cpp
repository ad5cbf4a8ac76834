#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "picture_codec.h"
#include "picture_orientation.h"

namespace mixwright {

namespace picture {

void fail(const std::string& name, const std::string& reason) {
  throw Error(name + ": " + reason);
}

std::string grouped(int64_t value) {
  std::string digits = std::to_string(value);
  for (auto i = static_cast<int64_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<size_t>(i), ",");
  }
  return digits;
}

void check_size(const PictureInfo& info,
                Bytes bytes,
                double possible,
                int64_t most_pixels,
                const std::string& name) {
  // Neither format has sides beyond 2^31, so the product fits.
  const int64_t pixels = info.height * info.width;
  const std::string size = std::to_string(info.width) + " x " + std::to_string(info.height);
  if (pixels <= 0) fail(name, "its header announces " + size + " pixels; it is damaged");
  if (pixels > most_pixels) {
    fail(name,
         "its header announces " + size + " = " + grouped(pixels) + " pixels, at most " +
             grouped(most_pixels) + " are read; make the picture smaller");
  }
  if (static_cast<double>(pixels) > possible) {
    fail(name,
         "its header announces " + size + " pixels, which a file of " +
             grouped(static_cast<int64_t>(bytes.size())) +
             " bytes cannot hold; it is damaged or cut off");
  }
}

PictureBox box_of(const PictureInfo& info, const PictureOptions& options, const std::string& name) {
  if (options.channels != 1 && options.channels != 3) {
    fail(name, std::to_string(options.channels) + " channels asked for; 1 or 3 expected");
  }
  const PictureBox box = options.crop.value_or(PictureBox{0, 0, info.height, info.width});
  if (box.top < 0 || box.left < 0 || box.height < 1 || box.width < 1 ||
      box.height > info.height - box.top || box.width > info.width - box.left) {
    fail(name,
         "crop of " + std::to_string(box.width) + " x " + std::to_string(box.height) + " at (" +
             std::to_string(box.left) + ", " + std::to_string(box.top) +
             ") is not within the picture of " + std::to_string(info.width) + " x " +
             std::to_string(info.height));
  }
  return box;
}

namespace {

constexpr int64_t kMostBytes = int64_t{1} << 30;
constexpr size_t kHeaderBytes = size_t{1} << 15;  // where a header mostly is over

struct Signature {
  std::string_view start;
  const char* words;
};

// The formats that picture folders hold beside the two that are read.
constexpr std::array kOthers = {Signature{"GIF8", "a GIF"},
                                Signature{"BM", "a BMP"},
                                Signature{"RIFF", "a WebP"},
                                Signature{{"II*\0", 4}, "a TIFF"},
                                Signature{{"MM\0*", 4}, "a TIFF"},
                                Signature{"P5", "a PGM"},
                                Signature{"P6", "a PPM"},
                                Signature{"<", "an HTML or XML"}};

PictureFormat format_of(Bytes bytes, const std::string& name) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (start.starts_with("\xff\xd8\xff")) return PictureFormat::kJpeg;
  if (start.starts_with("\x89PNG\r\n\x1a\n")) return PictureFormat::kPng;
  if (start.empty()) fail(name, "is empty; a JPEG or PNG file expected");
  for (const Signature& other : kOthers) {
    if (start.starts_with(other.start)) {
      fail(name, std::string("is ") + other.words + " file; JPEG or PNG expected, convert it");
    }
  }
  fail(name, "is neither a JPEG nor a PNG file; convert it, or fetch it again");
}

/// The first `most` bytes of a file. Throws where the file has more than kMostBytes.
std::vector<uint8_t> read_start(const std::string& path, int64_t most) {
  // Not blocking: a pipe is refused, not waited for.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) fail(path, std::string("cannot be opened: ") + std::strerror(errno));
  struct Closer {
    int descriptor;
    ~Closer() { ::close(descriptor); }
  } closer{descriptor};
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    fail(path, std::string("is no file") + (S_ISDIR(status.st_mode) ? " but a folder" : ""));
  }
  if (status.st_size > kMostBytes) {
    fail(path,
         "has " + grouped(status.st_size) + " bytes, at most " + grouped(kMostBytes) +
             " are read of a picture");
  }
  std::vector<uint8_t> bytes(static_cast<size_t>(std::min<int64_t>(status.st_size, most)));
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(descriptor, bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) fail(path, "became shorter while it was read");
    done += static_cast<size_t>(got);
  }
  return bytes;
}

}  // namespace

}  // namespace picture

std::vector<uint8_t> read_picture_bytes(const std::string& path) {
  return picture::read_start(path, picture::kMostBytes);
}

PictureInfo picture_info(std::span<const uint8_t> bytes, const std::string& name) {
  return picture::format_of(bytes, name) == PictureFormat::kJpeg ? picture::jpeg_info(bytes, name)
                                                                 : picture::png_info(bytes, name);
}

PictureInfo read_picture_info(const std::string& path) {
  const std::vector<uint8_t> start = picture::read_start(path, picture::kHeaderBytes);
  if (start.size() < picture::kHeaderBytes) return picture_info(start, path);
  try {
    return picture_info(start, path);
  } catch (const Error&) {
    // A camera's preview in front of the header, or a fault, which is then said of the whole file.
    return picture_info(read_picture_bytes(path), path);
  }
}

torch::Tensor decode_picture(std::span<const uint8_t> bytes,
                             const std::string& name,
                             const PictureOptions& options) {
  if (picture::format_of(bytes, name) == PictureFormat::kPng) {
    return picture::decode_png(bytes, name, options);
  }
  torch::Tensor stored = picture::decode_jpeg(bytes, name, options);
  if (!options.upright) return stored;
  return picture::turned_upright(stored, picture::exif_orientation(bytes));
}

torch::Tensor read_picture(const std::string& path, const PictureOptions& options) {
  return decode_picture(read_picture_bytes(path), path, options);
}

}  // namespace mixwright
