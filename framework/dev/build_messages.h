#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mixwright::dev {

/// What a build that failed says that its reader must know: the compiler's errors, each as
/// `file:line:column: error: …` with the line and the mark below it, the linker's, CMake's. Files
/// below `folder` are named from there. Where nothing of the kind is found, the last lines.
std::vector<std::string> build_errors(std::string_view output, const std::filesystem::path& folder);

}  // namespace mixwright::dev
