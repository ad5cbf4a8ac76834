#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mixwright/option_schema.h>

namespace mixwright::config {

/// What a config may name: the components that are installed, and the parts of the config itself.
/// The one way from this room to the plugins.
class SchemaLookup {
 public:
  virtual ~SchemaLookup();

  /// The options of a component; nothing where there is none of that name.
  virtual std::optional<OptionSchema> schema(const std::string& kind,
                                             const std::string& name) const = 0;
  virtual std::vector<std::string> names(const std::string& kind) const = 0;

  /// Adds all that is wrong with the options in `table`, `type` included, to `diagnostics`; nested
  /// components are given to `checker`. Throws: UsageError where there is no such component.
  virtual void validate(const std::string& kind,
                        const std::string& name,
                        const ConfigValue& table,
                        const ComponentChecker& checker,
                        Diagnostics& diagnostics) const = 0;

  /// The `[parts]` table, or null.
  virtual const ConfigValue* parts() const { return nullptr; }
  /// One line about a component, for completion in editors.
  virtual std::string summary(const std::string& kind, const std::string& name) const;
};

/// The keys of the options that stand in a schema.
std::vector<std::string> option_names(const OptionSchema& schema);

/// All kinds that a config can reach.
const std::vector<std::string>& component_kinds();

}  // namespace mixwright::config
