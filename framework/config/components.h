#pragma once

#include <string>
#include <vector>

#include <mixwright/config_value.h>

namespace mixwright::config {

/// The table of a component as a config says it: `type`, a component's own name, and its options.
/// A string is short for `{ type = "…" }`; a type that names a part becomes the part, the options
/// beside it overriding the part's. "Nothing" for "none", and for what is refused: then
/// `diagnostics` says why.
///
/// `kind` is for the words of errors. `through`, where given, receives the names of the parts that
/// the component came through.
ConfigValue resolve_component(const ConfigValue& value,
                              const ConfigValue* parts,
                              Diagnostics& diagnostics,
                              const std::string& kind = "component",
                              std::vector<std::string>* through = nullptr);

/// Whether a value says "none", for no component.
bool is_none(const ConfigValue& value);

}  // namespace mixwright::config
