#pragma once

#include <filesystem>
#include <optional>

#include "framework/plugin/install_record.h"
#include "framework/plugin/registry.h"

namespace mixwright::plugin {

/// What an installation came to.
struct Installation {
  enum class Outcome {
    kInstalled,  ///< there was no plugin of this name
    kReplaced,   ///< `before` stood there
    kRestored,   ///< this very library had been changed or removed since
    kSame,       ///< nothing was to be done
  };
  Outcome outcome = Outcome::kInstalled;
  InstalledPlugin plugin;
  std::optional<InstalledPlugin> before;
  std::filesystem::path file;  ///< where it lies now
};

/// Copies the plugin `library` as lib<name>.so into `folder`, which is made where it is missing,
/// and records it there. `search` is what is found without this library. Throws: UsageError for
/// what the registry would refuse, for a folder that others can write to, and where another file
/// has the plugin's name or its place; mixwright::Error where the copy fails: then what stood there
/// stays.
Installation install(const std::filesystem::path& library,
                     const std::filesystem::path& folder,
                     const Registry& search);

/// Removes an installed plugin, file and record, and gives what was recorded.
/// Throws: UsageError for a name that is not installed, with the nearest and all that are.
InstalledPlugin remove_installed(const std::string& name,
                                 const std::filesystem::path& folder,
                                 const Registry& search);

}  // namespace mixwright::plugin
