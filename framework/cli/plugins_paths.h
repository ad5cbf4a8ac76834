#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "framework/plugin/registry.h"

namespace mixwright::cli {

/// A line for each place that was searched: folder, who named it, what came of it.
std::string searched_lines(const plugin::Registry& registry);

/// The same as a list of `path`, `origin`, `outcome`.
nlohmann::ordered_json searched_json(const plugin::Registry& registry);

}  // namespace mixwright::cli
