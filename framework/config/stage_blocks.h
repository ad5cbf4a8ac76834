#pragma once

#include <string>
#include <vector>

#include "framework/config/schema_lookup.h"

namespace mixwright::config {

/// The blocks of a stage, one table per entry of `block`, which cycle over its depth: each has its
/// `type`, a component's own name, its options, and those of the stage's keys that it declares.
///
/// Reports: a stage without block (unless its depth is 0), "none" as block, a key both in the stage
/// and in `block`, a key that neither the stage nor any of its blocks declares. Options and types
/// themselves are the checker's business. `name` is for errors: `model.stage[1]`.
std::vector<ConfigValue> stage_blocks(const ConfigValue& stage,
                                      const SchemaLookup& lookup,
                                      Diagnostics& diagnostics,
                                      const std::string& name = "a stage");

/// The keys that a stage keeps for itself.
const std::vector<std::string>& stage_keys();

}  // namespace mixwright::config
