#include "framework/model/factory.h"

#include <algorithm>
#include <regex>

#include <mixwright/error.h>
#include <mixwright/lagrangian.h>
#include <mixwright/part.h>
#include <mixwright/synapse.h>

#include "framework/config/component_checker.h"
#include "framework/config/components.h"

namespace mixwright::model {

PartFactory::PartFactory(std::shared_ptr<plugin::Registry> registry, ConfigValue parts)
    : registry_(std::move(registry)), parts_(std::move(parts)) {}

PartFactory::~PartFactory() = default;

std::string config_words(const std::string& path) {
  static const std::regex kList("(^|\\.)(stage|block|step|layer)s\\.([0-9]+)");
  return std::regex_replace(path, kList, "$1$2[$3]");
}

namespace {

/// The entry of a list that block `place.block` takes; lists cycle below a block and nowhere else.
ConfigValue entry_for(const ConfigValue& value,
                      const std::string& kind,
                      const BuildContext& context) {
  if (!value.is_array()) return value;
  if (!context.place.in_block) {
    throw BuildError(value.location().text() + ": " + config_words(context.path) +
                     ": a list of components cycles over the blocks of a stage; one " +
                     kind_words(kind) + " expected here");
  }
  const ConfigValue::Array& entries = value.as_array();
  if (entries.empty()) {
    throw BuildError(value.location().text() + ": " + config_words(context.path) +
                     ": an empty list; say \"none\" for no " + kind_words(kind));
  }
  return entries[static_cast<size_t>(context.place.block) % entries.size()];
}

bool is_layer_kind(const std::string& kind) {
  const std::vector<std::string>& kinds = layer_kinds();
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

/// The part that `object` is behind its kind's interface; null for what is no part of a network.
std::shared_ptr<Part> part_of(const std::string& kind, const std::shared_ptr<void>& object) {
  if (is_layer_kind(kind) || kind == "network") return std::static_pointer_cast<Layer>(object);
  if (kind == Head::kKind) return std::static_pointer_cast<Head>(object);
  if (kind == Interaction::kKind) return std::static_pointer_cast<Interaction>(object);
  if (kind == Lagrangian::kKind) return std::static_pointer_cast<Lagrangian>(object);
  if (kind == Synapse::kKind) return std::static_pointer_cast<Synapse>(object);
  return nullptr;
}

/// Why a layer's declared needs are not met where it would stand; "" where they are. What has no
/// grid, such as pooled features, fits every rank. A fixed token count is met by every config,
/// which says its input's size, and a causal layer reads any grid row by row.
std::string unmet_need(const plugin::ComponentFact& fact, const Shape& shape) {
  const int64_t rank = shape.rank();
  if (rank > 0 && (rank < fact.lowest_rank || rank > fact.highest_rank)) {
    return "works on grids of rank " + plugin::rank_text(fact) + ", the grid " +
           list_text(shape.grid) + " has rank " + std::to_string(rank) +
           "; choose a mixer for this rank, or an embedding that gives another grid";
  }
  if ((fact.needs & kStructure) != 0) {
    return "reads positions or a sparse structure beside the features, which no dataset gives yet; "
           "choose a component that works on the grid alone";
  }
  return "";
}

}  // namespace

std::shared_ptr<void> PartFactory::make(const std::string& kind,
                                        const ConfigValue& value,
                                        const BuildContext& context) const {
  if (value.is_nothing()) return nullptr;
  const ConfigValue one = entry_for(value, kind, context);
  Diagnostics diagnostics;
  const ConfigValue table = config::resolve_component(one, parts(), diagnostics, kind_words(kind));
  diagnostics.throw_if_errors();
  if (table.is_nothing()) return nullptr;
  const std::string name = table.find("type")->as_string();

  plugin::Found found;
  try {
    found = registry_->find(kind, name);
  } catch (const UsageError& error) {
    const std::string place = one.location().text();
    throw BuildError((place.empty() ? "" : place + ": ") + std::string(error.what()));
  }
  used_.insert(
      {kind, found.fact->name, found.entry->component_revision, found.library->file_name()});

  const auto refuse = [&](const std::string& reason) {
    const std::string place = one.location().text();
    throw BuildError((place.empty() ? "" : place + ": ") + config_words(context.path) + " (" +
                     found.identity() + "): " + reason);
  };
  if (is_layer_kind(kind)) {
    const std::string unmet = unmet_need(*found.fact, context.shape);
    if (!unmet.empty()) refuse(unmet);
  }
  CreateResult result;
  found.entry->create(table, context, result);
  if (!result.object) {
    if (result.located) throw BuildError(result.error);
    refuse(result.error);
  }
  if (const std::shared_ptr<Part> part = part_of(kind, result.object)) {
    part->set_identity(config_words(context.path), found.identity());
  }
  return result.object;
}

void PartFactory::check(const std::string& kind,
                        const ConfigValue& value,
                        Diagnostics& diagnostics) const {
  config::ConfigChecker(*this).check(kind, value, diagnostics);
}

void PartFactory::validate(const std::string& kind,
                           const std::string& name,
                           const ConfigValue& table,
                           const ComponentChecker& checker,
                           Diagnostics& diagnostics) const {
  registry_->find(kind, name).entry->validate(table, &checker, diagnostics);
}

std::string PartFactory::summary(const std::string& kind, const std::string& name) const {
  try {
    return registry_->locate(kind, name).fact->summary;
  } catch (const UsageError&) {
    return "";
  }
}

std::optional<OptionSchema> PartFactory::schema(const std::string& kind,
                                                const std::string& name) const {
  try {
    return registry_->schema(kind, name);
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

std::vector<std::string> PartFactory::names(const std::string& kind) const {
  return registry_->names(kind);
}

}  // namespace mixwright::model
