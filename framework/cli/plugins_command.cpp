#include "framework/cli/commands.h"

namespace mixwright::cli {

void add_plugins_command(Command program, Globals& globals) {
  Command plugins =
      program.subcommand("plugins", "look at plugins, explain and test their components");
  plugins.require_subcommand();
  add_plugins_list(plugins, globals);
  add_plugins_describe(plugins, globals);
  add_plugins_check(plugins, globals);
  add_plugins_new(plugins, globals);
  add_plugins_install(plugins, globals);
  add_plugins_remove(plugins, globals);
  add_plugins_reference(plugins, globals);
  add_plugins_paths(plugins, globals);
}

}  // namespace mixwright::cli
