#include "framework/cli/plugins_paths.h"

#include <iostream>
#include <vector>

#include "framework/cli/commands.h"
#include "framework/cli/text_table.h"

namespace mixwright::cli {

std::string searched_lines(const plugin::Registry& registry) {
  std::vector<std::vector<std::string>> rows;
  for (const plugin::SearchedPlace& searched : registry.searched()) {
    rows.push_back({searched.place.path.string(), searched.place.origin, searched.outcome});
  }
  if (rows.empty()) return "  nowhere: no folder is named; give one with --plugin-path\n";
  return text_table(rows);
}

nlohmann::ordered_json searched_json(const plugin::Registry& registry) {
  auto result = nlohmann::ordered_json::array();
  for (const plugin::SearchedPlace& searched : registry.searched()) {
    result.push_back({{"path", searched.place.path.string()},
                      {"origin", searched.place.origin},
                      {"outcome", searched.outcome}});
  }
  return result;
}

void add_plugins_paths(Command plugins, Globals& globals) {
  Command command =
      plugins.subcommand("paths", "the folders that are searched for plugins, in their order");
  command.run([&globals] {
    const auto registry = globals.registry();
    if (globals.json) {
      std::cout << searched_json(*registry).dump(2) << "\n";
    } else {
      std::cout << searched_lines(*registry);
    }
  });
}

}  // namespace mixwright::cli
