#include "framework/io/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <mixwright/error.h>

#include "framework/io/text.h"

namespace mixwright::io {

ScratchFolder::ScratchFolder(const std::string& name) {
  std::error_code error;
  const std::filesystem::path above = std::filesystem::temp_directory_path(error);
  std::string pattern = (above / (name + "-XXXXXX")).string();
  if (error || ::mkdtemp(pattern.data()) == nullptr) {
    throw Error("no temporary folder can be made (" +
                (error ? error.message() : pattern + ": " + errno_text(errno)) +
                "); set TMPDIR to a folder that can be written to");
  }
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace mixwright::io
