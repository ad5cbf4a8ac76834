#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <mixwright/option_schema.h>

namespace mixwright::cli {

/// `option, type, default, meaning` of each option, nested tables taken apart (`gate.bias`). The
/// first row is the head; there is no other where a component has no options.
std::vector<std::vector<std::string>> option_rows(const OptionSchema& schema);

/// The options as a list of objects, for programs.
nlohmann::ordered_json options_json(const OptionSchema& schema);

}  // namespace mixwright::cli
