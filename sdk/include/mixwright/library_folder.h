#pragma once

#include <filesystem>

#include <mixwright/export.h>

namespace mixwright {

/// The folder of the library, or of the program, that holds the code or constant at `address`;
/// absolute, links followed.
/// Throws: Error where the address lies in none.
MIXWRIGHT_API std::filesystem::path folder_of(const void* address);

/// The folder of the library that calls: a plugin finds files that it brings beside itself. In the
/// plugin's own test program it is that program's.
static inline std::filesystem::path library_folder() {
  static const char kHere = 0;  // one for each file that includes this, so never another library's
  return folder_of(&kHere);
}

}  // namespace mixwright
