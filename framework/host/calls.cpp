#include "framework/host/calls.h"

#include "framework/plugin/exit.h"
#include "framework/plugin/registry.h"

namespace mixwright::host {

std::mutex& loading() {
  static std::mutex mutex;
  return mutex;
}

model::PluginSource source_of(const PluginPlaces& places) {
  return [places](const std::vector<std::string>& config_paths) {
    plugin::SearchOptions search;
    search.explicit_paths = places.paths;
    search.only_explicit = places.only_these;
    search.config_paths = config_paths;
    auto registry = std::make_shared<plugin::Registry>();
    registry->scan(search);
    return registry;
  };
}

void leave(int code) {
  plugin::leave(code);
}

}  // namespace mixwright::host
