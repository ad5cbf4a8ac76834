#include "framework/cli/model_command.h"

#include <iostream>

#include "framework/cli/load.h"
#include "framework/model/summary.h"

namespace mixwright::cli {

void add_model_command(CLI::App& app, Globals& globals) {
  CLI::App* model = app.add_subcommand("model", "look at the network that a config makes");
  model->require_subcommand(1);
  CLI::App* summary = model->add_subcommand(
      "summary", "parts, parameters, multiply-accumulates and memory of one sample");
  struct Arguments {
    std::string config;
    std::vector<std::string> sets;
    int depth = 4;
  };
  auto arguments = std::make_shared<Arguments>();
  summary->add_option("config", arguments->config, "a config, or a run's folder")->required();
  summary->add_option("--set", arguments->sets, "key=value that overrides the config; may repeat")
      ->allow_extra_args(false);
  summary->add_option("--depth", arguments->depth, "levels of parts that are shown")
      ->capture_default_str();
  summary->callback([arguments, &globals] {
    const LoadedModel loaded = load_unbuilt(arguments->config, arguments->sets, globals);
    const model::Summary counts = model::summarize(loaded.config, loaded.input, *loaded.factory);
    std::cout << (globals.json ? model::summary_json(counts, loaded.name()) + "\n"
                               : model::summary_text(counts, loaded.name(), arguments->depth));
  });
}

}  // namespace mixwright::cli
