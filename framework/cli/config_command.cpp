#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/config/defaults.h"
#include "framework/config/json_schema.h"
#include "framework/config/toml_writer.h"
#include "framework/io/atomic_file.h"
#include "framework/model/summary.h"

namespace mixwright::cli {

namespace {

struct ConfigArguments {
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

/// Reads, checks and builds; warnings and errors of the options go to `diagnostics`.
void check(const ConfigArguments& arguments, Globals& globals, Diagnostics& diagnostics) {
  const config::LoadedConfig loaded = config::load(arguments.config, arguments.sets);
  config::read_config(loaded.root, *factory_for(loaded.root, globals), diagnostics);
  if (!diagnostics.ok()) return;
  // What options alone cannot tell: whether the parts fit each other and the data are there.
  const LoadedModel model = load_unbuilt(arguments.config, arguments.sets, globals);
  model::summarize(model.config, model.input, *model.factory);
}

void print_check(const ConfigArguments& arguments, Globals& globals) {
  Diagnostics diagnostics;
  try {
    check(arguments, globals, diagnostics);
  } catch (const UsageError& error) {
    diagnostics.error({}, error.what());  // names its place itself
  }
  const nlohmann::ordered_json json = {{"config", arguments.config},
                                       {"ok", diagnostics.ok()},
                                       {"errors", as_json(diagnostics.errors())},
                                       {"warnings", as_json(diagnostics.warnings())}};
  std::cout << json.dump(2) << "\n";
  if (!diagnostics.ok()) globals.exit_code = 2;
}

void run_check(const ConfigArguments& arguments, Globals& globals) {
  if (globals.json) return print_check(arguments, globals);
  Diagnostics diagnostics;
  check(arguments, globals, diagnostics);
  if (!diagnostics.ok()) {  // otherwise they were logged when the model was loaded
    for (const auto& warning : diagnostics.warnings()) spdlog::warn(warning.text());
  }
  diagnostics.throw_if_errors();
  std::cout << arguments.config << ": no errors\n";
}

void run_show(const ConfigArguments& arguments, Globals& globals) {
  ConfigValue root = config::load(arguments.config, arguments.sets).root;
  if (arguments.origin || arguments.defaults) {
    root = config::with_defaults(root, *factory_for(root, globals));
  }
  std::cout << config::to_toml(root, arguments.origin);
}

void run_schema(const ConfigArguments& arguments, Globals& globals) {
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

void add_config_arguments(Command command, ConfigArguments& arguments) {
  command.option("config", arguments.config, "a config").required();
  command.sets(arguments.sets);
}

}  // namespace

void add_config_command(Command program, Globals& globals) {
  Command command = program.subcommand("config", "check, resolve and describe configs");
  command.require_subcommand();
  auto arguments = std::make_shared<ConfigArguments>();

  Command check = command.subcommand("check", "tell all that is wrong with a config");
  add_config_arguments(check, *arguments);
  check.run([arguments, &globals] { run_check(*arguments, globals); });

  Command show = command.subcommand(
      "show", "a config with all that it extends, its overrides and its stage defaults");
  add_config_arguments(show, *arguments);
  show.flag("--origin",
            arguments->origin,
            "where each value was written, defaults included: # file:line:column");
  show.flag("--defaults", arguments->defaults, "parts put in, options not given filled in");
  show.run([arguments, &globals] { run_show(*arguments, globals); });

  Command schema = command.subcommand(
      "schema", "JSON Schema of configs for editors, merged from the installed plugins");
  schema.option("config", arguments->config, "a config: only its own parts are let in");
  schema.option("-o,--output", arguments->output, "file to write").type_name("FILE");
  schema.footer(
      "For completion in an editor write it beside your configs, and as a config's first line\n"
      "  #:schema ./mixwright.schema.json");
  schema.run([arguments, &globals] { run_schema(*arguments, globals); });
}

}  // namespace mixwright::cli
