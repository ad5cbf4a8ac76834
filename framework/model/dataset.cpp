#include "framework/model/dataset.h"

#include <algorithm>

#include <mixwright/error.h>

#include "framework/config/components.h"

namespace mixwright::model {

namespace {

constexpr const char* kSeed = "seed";

/// Whether the dataset has a seed that nobody set.
bool wants_seed(const ConfigValue& dataset, const PartFactory& factory) {
  const ConfigValue* type = dataset.find("type");
  if (dataset.find(kSeed) != nullptr || type == nullptr || !type->is_string()) return false;
  const std::optional<OptionSchema> schema = factory.schema(Dataset::kKind, type->as_string());
  return schema && std::any_of(schema->begin(), schema->end(), [](const OptionSpec& option) {
           return option.name == kSeed && option.type == OptionType::kInteger;
         });
}

}  // namespace

std::shared_ptr<Dataset> make_dataset(const config::RunConfig& config, const PartFactory& factory) {
  Diagnostics diagnostics;
  ConfigValue dataset =
      config::resolve_component(config.dataset, factory.parts(), diagnostics, Dataset::kKind);
  if (!diagnostics.ok()) return factory.make<Dataset>(config.dataset, "data");  // says why
  if (wants_seed(dataset, factory)) dataset.set(kSeed, config.seed);
  return factory.make<Dataset>(dataset, "data");
}

}  // namespace mixwright::model
