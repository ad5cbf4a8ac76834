#pragma once

#include <filesystem>
#include <string>

namespace mixwright::plugin {

/// Why code in `path`, a file or folder, might be somebody else's: others can write to it or to a
/// folder above it, or it belongs to another user. With the chmod to run; "" where there is no
/// such reason. Symbolic links are followed: what counts is where they lead.
///
/// Trusted are files of this user, of root, and of whoever owns the running program. A group that
/// has the owner's name and no further member counts as the owner.
std::string reason_for_distrust(const std::filesystem::path& path);

}  // namespace mixwright::plugin
