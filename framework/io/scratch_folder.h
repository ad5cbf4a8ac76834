#pragma once

#include <filesystem>
#include <string>

namespace mixwright::io {

/// A new folder that only this user may look into, removed with all that is in it.
class ScratchFolder {
 public:
  /// Its name begins with `name`. Throws: mixwright::Error.
  explicit ScratchFolder(const std::string& name);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace mixwright::io
