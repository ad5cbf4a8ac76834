#pragma once

#include <cstdio>
#include <cstring>
#include <string>

#include <zlib.h>

namespace mixwright::fetch {

/// An entry of a tar file (POSIX ustar), with whatever name and type a test wants.
/// `type`: '0' file, '5' folder, '2' symbolic link, '1' hard link, '3' device, '6' pipe.
inline std::string tar_entry(const std::string& name,
                             const std::string& bytes,
                             char type = '0',
                             const std::string& link = "") {
  std::string head(512, '\0');
  const auto put = [&](size_t at, const std::string& text) { head.replace(at, text.size(), text); };
  char size[12];
  std::snprintf(size, sizeof size, "%011o", static_cast<unsigned>(bytes.size()));
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, size);
  put(136, "00000000000");
  put(148, "        ");
  head[156] = type;
  put(157, link);
  put(257,
      std::string("ustar\0"
                  "00",
                  8));
  unsigned sum = 0;
  for (const char byte : head) sum += static_cast<unsigned char>(byte);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  put(148, std::string(digits, 7));
  return head + bytes + std::string((512 - bytes.size() % 512) % 512, '\0');
}

inline std::string tar_end() {
  return std::string(1024, '\0');
}

inline std::string gzipped(const std::string& bytes) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  deflateInit2(&stream, 9, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace mixwright::fetch
