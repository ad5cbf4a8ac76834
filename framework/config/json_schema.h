#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/config/schema_lookup.h"

namespace mixwright::config {

/// A JSON Schema (draft 7, only what editors' TOML plug-ins know) of whole configs, merged from the
/// installed components. It is a little laxer than the checker: a config that is extended may leave
/// out what is required.
/// `parts`: names of a config's own parts, which may stand where a component's may. Without them
/// any string may.
std::string json_schema(const SchemaLookup& lookup,
                        const std::optional<std::vector<std::string>>& parts = std::nullopt);

}  // namespace mixwright::config
