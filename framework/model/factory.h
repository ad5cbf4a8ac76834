#pragma once

#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <mixwright/build_context.h>
#include <mixwright/options.h>

#include "framework/config/schema_lookup.h"
#include "framework/plugin/registry.h"

namespace mixwright::model {

/// Builds components by name out of plugins, with the parts that a config names.
class PartFactory : public ComponentFactory, public config::SchemaLookup {
 public:
  /// `parts`: the `[parts]` table, or "nothing". `registry` outlives the factory's products.
  PartFactory(std::shared_ptr<plugin::Registry> registry, ConfigValue parts);
  ~PartFactory() override;

  // ComponentFactory
  std::shared_ptr<void> make(const std::string& kind,
                             const ConfigValue& value,
                             const BuildContext& context) const override;
  void check(const std::string& kind,
             const ConfigValue& value,
             Diagnostics& diagnostics) const override;

  // config::SchemaLookup
  std::optional<OptionSchema> schema(const std::string& kind,
                                     const std::string& name) const override;
  std::vector<std::string> names(const std::string& kind) const override;
  void validate(const std::string& kind,
                const std::string& name,
                const ConfigValue& table,
                const ComponentChecker& checker,
                Diagnostics& diagnostics) const override;
  const ConfigValue* parts() const override { return parts_.is_table() ? &parts_ : nullptr; }
  std::string summary(const std::string& kind, const std::string& name) const override;

  /// Builds a component that stands outside of a network: a dataset, a task, a transform.
  template <class Kind>
  std::shared_ptr<typename Kind::Interface> make(const ConfigValue& value,
                                                 const std::string& path) const {
    BuildContext context;
    context.path = path;
    context.factory = this;
    return std::static_pointer_cast<typename Kind::Interface>(make(Kind::kKind, value, context));
  }

  const plugin::Registry& registry() const { return *registry_; }

  /// A component that this factory has built, for a checkpoint's record.
  struct Used {
    std::string kind;
    std::string name;
    int32_t revision;
    std::string library;
    bool operator<(const Used& other) const {
      return std::tie(kind, name) < std::tie(other.kind, other.name);
    }
  };
  const std::set<Used>& used() const { return used_; }

 private:
  std::shared_ptr<plugin::Registry> registry_;
  ConfigValue parts_;
  mutable std::set<Used> used_;
};

/// `stages.0.blocks.1.token_mixer` -> `stage[0].block[1].token_mixer`, as a config counts.
std::string config_words(const std::string& path);

}  // namespace mixwright::model
