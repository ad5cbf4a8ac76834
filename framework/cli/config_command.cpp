#include "framework/cli/config_command.h"

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/load.h"
#include "framework/config/defaults.h"
#include "framework/config/json_schema.h"
#include "framework/config/toml_writer.h"
#include "framework/io/atomic_file.h"

namespace mixwright::cli {

namespace {

struct Arguments {
  std::string config;
  std::vector<std::string> sets;
  bool origin = false;
  bool defaults = false;
  std::string output;
};

std::shared_ptr<model::PartFactory> factory_for(const ConfigValue& root, Globals& globals) {
  const ConfigValue* parts = root.find("parts");
  return std::make_shared<model::PartFactory>(globals.registry(config::plugin_paths(root)),
                                              parts == nullptr ? ConfigValue() : *parts);
}

nlohmann::ordered_json as_json(const std::vector<Diagnostics::Entry>& entries) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Diagnostics::Entry& entry : entries) {
    list.push_back({{"file", entry.location.file},
                    {"line", entry.location.line},
                    {"column", entry.location.column},
                    {"message", entry.message}});
  }
  return list;
}

void run_check(const Arguments& arguments, Globals& globals) {
  const config::LoadedConfig loaded = config::load(arguments.config, arguments.sets);
  const auto factory = factory_for(loaded.root, globals);
  Diagnostics diagnostics;
  config::read_config(loaded.root, *factory, diagnostics);
  if (globals.json) {
    const nlohmann::ordered_json json = {{"config", arguments.config},
                                         {"ok", diagnostics.ok()},
                                         {"errors", as_json(diagnostics.errors())},
                                         {"warnings", as_json(diagnostics.warnings())}};
    std::cout << json.dump(2) << "\n";
    if (!diagnostics.ok()) globals.exit_code = 2;
    return;
  }
  for (const Diagnostics::Entry& warning : diagnostics.warnings()) spdlog::warn(warning.text());
  diagnostics.throw_if_errors();
  // What options alone cannot tell: whether the parts fit each other and the data are there.
  if (loaded.root.find("model") != nullptr) load_model(arguments.config, arguments.sets, globals);
  std::cout << arguments.config << ": no errors\n";
}

void run_show(const Arguments& arguments, Globals& globals) {
  ConfigValue root = config::load(arguments.config, arguments.sets).root;
  if (arguments.origin || arguments.defaults) {
    root = config::with_defaults(root, *factory_for(root, globals));
  }
  std::cout << config::to_toml(root, arguments.origin);
}

void run_schema(const Arguments& arguments, Globals& globals) {
  ConfigValue root = ConfigValue::table();
  std::optional<std::vector<std::string>> parts;
  if (!arguments.config.empty()) {
    root = config::load(arguments.config).root;
    const ConfigValue* table = root.find("parts");
    parts = table == nullptr ? std::vector<std::string>() : table->keys();
  }
  const std::string text = config::json_schema(*factory_for(root, globals), parts);
  if (arguments.output.empty()) {
    std::cout << text;
  } else {
    io::write_text_file_atomically(arguments.output, text);
  }
}

void add_config_arguments(CLI::App& command, Arguments& arguments) {
  command.add_option("config", arguments.config, "a config")->required();
  command
      .add_option("--set",
                  arguments.sets,
                  "path=value that overrides the config, such as model.stage[0].dim=96 or "
                  "model.stage[0].token_mixer=NAME; may repeat")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
}

}  // namespace

void add_config_command(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand("config", "check, resolve and describe configs");
  command->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();

  CLI::App* check = command->add_subcommand("check", "tell all that is wrong with a config");
  add_config_arguments(*check, *arguments);
  check->callback([arguments, &globals] { run_check(*arguments, globals); });

  CLI::App* show = command->add_subcommand(
      "show", "a config with all that it extends, its overrides and its stage defaults");
  add_config_arguments(*show, *arguments);
  show->add_flag("--origin",
                 arguments->origin,
                 "where each value was written, defaults included: # file:line:column");
  show->add_flag("--defaults", arguments->defaults, "parts put in, options not given filled in");
  show->callback([arguments, &globals] { run_show(*arguments, globals); });

  CLI::App* schema = command->add_subcommand(
      "schema", "JSON Schema of configs for editors, merged from the installed plugins");
  schema->add_option("config", arguments->config, "a config: only its own parts are let in");
  schema->add_option("-o,--output", arguments->output, "file to write")->type_name("FILE");
  schema->footer(
      "For completion in an editor write it beside your configs, and as a config's first line\n"
      "  #:schema ./mixwright.schema.json");
  schema->callback([arguments, &globals] { run_schema(*arguments, globals); });
}

}  // namespace mixwright::cli
