#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <mixwright/config_value.h>

namespace mixwright::config {

/// One `--set path=value` of the command line.
struct Override {
  struct Step {
    std::string key = {};
    std::optional<size_t> index = {};  ///< instead of a key
    bool every = false;                ///< instead of both: `[*]`, all entries of a list

    bool in_list() const { return every || index; }
  };
  std::vector<Step> path;
  ConfigValue value;
  SourceLocation location;  ///< `--set model.stage[0].dim=96`
};

/// Reads `model.stage[0].dim=96`, or `model.stage[*].dim=96` for every entry. Keys are bare or
/// quoted, indices count from 0, the value is TOML; a bare word that is no TOML is a string. Throws
/// a UsageError of one line.
Override parse_override(const std::string& text);

/// Applies all, in order, or none: what is refused throws a UsageError and leaves `root` as it
/// was. Tables and values that are not there are made (the schema checks them later); an index
/// beyond its list is refused.
void apply_overrides(ConfigValue& root, const std::vector<Override>& overrides);

}  // namespace mixwright::config
