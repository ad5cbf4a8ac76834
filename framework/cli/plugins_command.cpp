#include "framework/cli/plugins_command.h"

namespace mixwright::cli {

void add_plugins_command(CLI::App& app, Globals& globals) {
  CLI::App* plugins =
      app.add_subcommand("plugins", "look at plugins, explain and test their components");
  plugins->require_subcommand(1);
  add_plugins_list(*plugins, globals);
  add_plugins_describe(*plugins, globals);
  add_plugins_check(*plugins, globals);
  add_plugins_reference(*plugins, globals);
  add_plugins_paths(*plugins, globals);
}

}  // namespace mixwright::cli
