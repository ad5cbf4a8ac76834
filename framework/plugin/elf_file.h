#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/io/input_file.h"

namespace mixwright::plugin {

/// What is read out of a shared library without loading it.
struct ElfFacts {
  std::optional<std::string> note;  ///< text of the Mixwright note; nothing where there is none
  std::vector<std::string> needed;  ///< DT_NEEDED: the libraries that it asks the loader for
  /// DT_VERNEED: versions of their symbols that it asks for, such as `GLIBC_2.34`.
  std::vector<std::string> versions;
};

/// Reads program headers, notes and the dynamic table of a 64-bit little-endian ELF library. It
/// trusts nothing in the file: each offset and count is checked against the file's size, and memory
/// is bounded. The section table is not looked at, since `strip` may have removed it.
///
/// Throws: UsageError with the reason alone, without the file's name.
ElfFacts read_elf(const io::InputFile& file);

}  // namespace mixwright::plugin
