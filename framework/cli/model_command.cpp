#include <iostream>

#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/model/summary.h"

namespace mixwright::cli {

void add_model_command(Command program, Globals& globals) {
  Command model = program.subcommand("model", "look at the network that a config makes");
  model.require_subcommand();
  Command summary = model.subcommand(
      "summary", "parts, parameters, multiply-accumulates and memory of one sample");
  struct Arguments {
    std::string config;
    std::vector<std::string> sets;
    int depth = 4;
  };
  auto arguments = std::make_shared<Arguments>();
  summary.option("config", arguments->config, "a config, or a run's folder").required();
  summary.sets(arguments->sets);
  summary.option("--depth", arguments->depth, "levels of parts that are shown").show_default();
  summary.run([arguments, &globals] {
    const LoadedModel loaded = load_unbuilt(arguments->config, arguments->sets, globals);
    const model::Summary counts = model::summarize(loaded.config, loaded.input, *loaded.factory);
    std::cout << (globals.json ? model::summary_json(counts, loaded.name()) + "\n"
                               : model::summary_text(counts, loaded.name(), arguments->depth));
  });
}

}  // namespace mixwright::cli
