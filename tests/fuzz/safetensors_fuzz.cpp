// Any bytes as a safetensors file: refused with an Error, or accepted with every invariant kept.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

#include <mixwright/error.h>

#include "framework/io/safetensors_header.h"
#include "tests/unit/io/safetensors_invariants.h"

namespace {

void check(std::span<const uint8_t> bytes) {
  namespace io = mixwright::io;
  try {
    const io::SafetensorsHeader header = io::parse_safetensors(bytes, "fuzz");
    const std::string broken = io::broken_invariant(header, bytes.size());
    if (broken.empty()) return;
    std::fprintf(stderr, "accepted, but: %s\n", broken.c_str());
    std::abort();
  } catch (const mixwright::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check({data, size});
  // The same bytes as a header behind a right length: otherwise a fuzzer seldom gets past row 3.
  std::string file;
  for (unsigned i = 0; i < 8; ++i) {
    file += static_cast<char>((static_cast<uint64_t>(size) >> (8 * i)) & 0xFFU);
  }
  file.append(reinterpret_cast<const char*>(data), size);
  check({reinterpret_cast<const uint8_t*>(file.data()), file.size()});
  return 0;
}
