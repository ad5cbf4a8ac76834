#pragma once

#include "framework/config/schema_lookup.h"

namespace mixwright::config {

/// A loaded config with everything said: parts put where they are used, options that were not given
/// filled in with what their components and sections declare (located at "default"). It means the
/// same; what is wrong in it stays as it is.
ConfigValue with_defaults(const ConfigValue& root, const SchemaLookup& lookup);

}  // namespace mixwright::config
