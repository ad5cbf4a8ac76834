// Any bytes as a plugin's library: refused with a reason, or read without leaving the file.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <mixwright/error.h>

#include "framework/plugin/elf_file.h"
#include "framework/plugin/note.h"

namespace {

/// A file in memory, which is opened by its name under /proc.
const std::string& file_with(const uint8_t* data, size_t size) {
  static const int kDescriptor = ::memfd_create("library", 0);
  static const std::string kName = "/proc/self/fd/" + std::to_string(kDescriptor);
  const auto length = static_cast<ssize_t>(size);
  if (::ftruncate(kDescriptor, 0) != 0 || ::pwrite(kDescriptor, data, size, 0) != length) {
    std::perror("memfd");
    std::abort();
  }
  return kName;
}

void check_note(const std::string& text) {
  try {
    const mixwright::plugin::PluginNote note = mixwright::plugin::parse_note(text, 1);
    if (note.sdk_abi == 1 && (note.name.empty() || note.components.empty())) std::abort();
  } catch (const mixwright::UsageError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const mixwright::plugin::ElfFacts facts =
        mixwright::plugin::read_elf(mixwright::io::InputFile(file_with(data, size)));
    if (facts.note) {
      if (facts.note->size() > size) std::abort();
      check_note(*facts.note);
    }
  } catch (const mixwright::UsageError&) {
  }
  // The same bytes as the note's text: a fuzzer seldom builds a library around one.
  check_note(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
