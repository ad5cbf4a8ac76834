#pragma once

#include <filesystem>

namespace mixwright::bench {

/// The Python of the peers' own environment, which is made where it is not there yet: minutes, and
/// some hundred megabytes to download. `folder` has environment.sh. `messages` is the file for what
/// the script says.
/// Throws: mixwright::Error with its last words; where a signal asks to stop, see stop_signal().
std::filesystem::path prepare_environment(const std::filesystem::path& folder,
                                          const std::filesystem::path& messages);

}  // namespace mixwright::bench
