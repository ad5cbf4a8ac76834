#pragma once

#include <string>
#include <vector>

namespace mixwright::plugin {

/// Libraries of which a process must hold one copy: LibTorch, its c10, an OpenMP runtime, the SDK.
/// Two copies mean two thread pools, two allocators, two registries of operators.

/// Why a library that asks the loader for `needed` would bring a second copy; "" where it would
/// not. A name that is loaded already is served by that copy, whatever the library's run path says.
std::string second_runtime_needed(const std::vector<std::string>& needed);

/// The files of such libraries that are mapped now, sorted.
std::vector<std::string> mapped_runtimes();

/// Why the libraries that were mapped since `before` are second copies; "" where they are not.
std::string second_runtime_mapped(const std::vector<std::string>& before);

}  // namespace mixwright::plugin
