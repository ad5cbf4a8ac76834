#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "framework/plugin/note.h"

namespace mixwright::plugin {

/// What this host was built with, to be held against a plugin's note.
struct HostStamp {
  int64_t sdk_abi = 0;
  std::string libtorch;
  std::string standard_library;
  std::string library_abi;
  std::string sanitizer;
  std::string compiler;
  std::string assertions;
};

HostStamp this_host();

struct Compatibility {
  std::string refusal;                ///< "" where the plugin may be loaded
  std::vector<std::string> warnings;  ///< differences that were seen to do no harm
};

/// Host and plugin share C++ objects, so SDK ABI, LibTorch, standard library, its ABI flag and the
/// sanitizers must be equal; compiler and assertions may differ. Reasons come without the file's
/// name, with both versions and the command that mends it.
Compatibility compare(const PluginNote& note,
                      const HostStamp& host,
                      const std::filesystem::path& file);

/// How to build the plugin `file` again so that this host takes it.
std::string rebuild_command(const std::filesystem::path& file);

}  // namespace mixwright::plugin
