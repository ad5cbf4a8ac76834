#pragma once

#include <string>

#include <mixwright/config_value.h>

namespace mixwright::config {

/// A config as TOML for people: sections and stages as tables of their own, components on one line
/// where they fit. Reading it again gives the same values.
/// With `origin` each value has a line and says behind it where it was written.
std::string to_toml(const ConfigValue& root, bool origin = false);

}  // namespace mixwright::config
