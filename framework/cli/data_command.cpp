#include "framework/cli/commands.h"

namespace mixwright::cli {

void add_data_command(Command program, Globals& globals) {
  Command data = program.subcommand("data", "public data sets: what there is, and fetching them");
  data.require_subcommand();
  add_data_list(data, globals);
  add_data_fetch(data, globals);
}

}  // namespace mixwright::cli
