#include "framework/cli/globals.h"

namespace mixwright::cli {

std::shared_ptr<plugin::Registry> Globals::registry(const std::vector<std::string>& config_paths) {
  if (!registry_) {
    plugin::SearchOptions search;
    search.explicit_paths = plugin_paths;
    search.only_explicit = only_plugin_paths;
    search.config_paths = config_paths;
    registry_ = std::make_shared<plugin::Registry>();
    registry_->scan(search);
  }
  return registry_;
}

std::vector<std::string> Globals::plugin_words() const {
  std::vector<std::string> words;
  for (const std::string& path : plugin_paths) words.insert(words.end(), {"--plugin-path", path});
  if (only_plugin_paths) words.emplace_back("--only-plugin-path");
  return words;
}

}  // namespace mixwright::cli
