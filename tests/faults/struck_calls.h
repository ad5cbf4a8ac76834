#pragma once

#include <cerrno>
#include <string>
#include <vector>

// A program that links this has its own open, write, fsync, rename, close, symlink, mkdir and
// unlinkat, which stand before those of the C library and are struck as a test plans it.

namespace mixwright::test {

enum class Strike { kNone, kFail, kShort, kKill };

struct Plan {
  Strike strike = Strike::kNone;
  int at = 0;               // the first call to strike, from 1
  bool persistent = false;  // and all after it
  int error = EIO;
  std::string only = {};  // calls of this name count, or all where empty
  int calls = 0;
  bool struck = false;
  std::vector<std::string> log = {};
};

extern thread_local Plan* plan;  ///< the save that is watched, in this thread

}  // namespace mixwright::test
