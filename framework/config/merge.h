#pragma once

#include <mixwright/config_value.h>

namespace mixwright::config {

/// `over` laid on `base`, key by key: a table that names a `type` replaces what lies below, one
/// that does not amends it (a string below is short for `{ type = "…" }`); everything else,
/// lists too, replaces. Each value keeps the place where it was written.
ConfigValue merged(const ConfigValue& base, const ConfigValue& over);

/// A string as the table that it is short for; anything else as it is.
ConfigValue long_form(const ConfigValue& value);

}  // namespace mixwright::config
