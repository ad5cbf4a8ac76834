#pragma once

#include <filesystem>

namespace mixwright::plugin {

/// From now on a crash (bad memory access, abort, illegal instruction) leaves one line on standard
/// error that names the plugin whose code was running, or was nearest on the stack, before the
/// process ends by that signal as it would have, core file included. Sanitized builds keep their
/// own reports. To be called once, by the program.
void report_crashes();

/// Remembers where a loaded library's code lies; `address` is any address in it. The first 256
/// libraries are remembered.
void remember_code(const void* address, const std::filesystem::path& file);

}  // namespace mixwright::plugin
