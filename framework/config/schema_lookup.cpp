#include "framework/config/schema_lookup.h"

namespace mixwright::config {

SchemaLookup::~SchemaLookup() = default;

std::string SchemaLookup::summary(const std::string&, const std::string&) const {
  return "";
}

std::vector<std::string> option_names(const OptionSchema& schema) {
  std::vector<std::string> names;
  for (const OptionSpec& spec : schema) names.push_back(spec.name);
  return names;
}

const std::vector<std::string>& component_kinds() {
  static const std::vector<std::string> kKinds = {"embedding",
                                                  "block",
                                                  "token_mixer",
                                                  "channel_mixer",
                                                  "normalization",
                                                  "activation",
                                                  "projection",
                                                  "interaction",
                                                  "head",
                                                  "dataset",
                                                  "transform",
                                                  "task",
                                                  "network",
                                                  "lagrangian",
                                                  "synapse"};
  return kKinds;
}

}  // namespace mixwright::config
