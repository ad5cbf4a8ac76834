#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <mixwright/plugin.h>

#include "framework/plugin/compatibility.h"
#include "framework/plugin/note.h"
#include "framework/plugin/symbol_versions.h"

namespace mixwright::plugin {

enum class LibraryState {
  kFound,    ///< its note was read and fits; no code of it has run
  kLoaded,   ///< in the process, for good
  kRefused,  ///< `reason` says why
};

/// What tells a file from another that took its name.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t modified_ns = 0;
  bool operator==(const FileIdentity&) const = default;
};

/// One shared library that lies where plugins are looked for.
struct Library {
  std::filesystem::path file;
  std::string origin;  ///< who named its folder: `--plugin-path`, `the installation`
  PluginNote note;     ///< empty where the library was refused before its note was read
  LibraryState state = LibraryState::kFound;
  std::string reason;                 ///< of a refusal, without the file's name
  std::vector<std::string> warnings;  ///< differences from the host that do no harm
  FileIdentity identity;
  std::string recorded_sha256;  ///< what `plugins install` put there; empty where it did not
  OldestRuntimes oldest;        ///< that it can be loaded with
  const PluginDescriptor* descriptor = nullptr;  ///< of a loaded library; constant, never freed

  bool is_refused() const { return state == LibraryState::kRefused; }
  std::string file_name() const { return file.filename().string(); }
  /// `…/libham.so: built for LibTorch 2.12.0, …`
  std::string refusal() const { return file.string() + ": " + reason; }
  /// How the file differs from what `plugins install` recorded of it, without its name; "" where it
  /// does not, and where it was not installed so.
  std::string difference_from_record() const;
  /// Of the file as it is now, 64 hexadecimal digits. Throws: mixwright::Error.
  std::string sha256() const;
};

/// Reads what a library says of itself, without loading it. A library that cannot be used comes
/// back as refused, with the reason.
Library examine(const std::filesystem::path& file, const HostStamp& host);

/// Brings a library that was found into the process, where it stays: tensors, worker threads and
/// exceptions hold on to its code in ways that nobody can count. Does nothing where it is loaded.
/// Throws: UsageError with the file's name and the loader's own reason; the library is then
/// refused.
void load(Library& library);

}  // namespace mixwright::plugin
