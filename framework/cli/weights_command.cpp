#include <iostream>

#include <spdlog/spdlog.h>

#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/io/inspect.h"
#include "framework/io/safetensors.h"
#include "framework/model/weights.h"

namespace mixwright::cli {

namespace {

struct ImportArguments {
  std::string map;
  std::string config;
  std::string in;
  std::string out;
};

void import_weights(const ImportArguments& arguments, Globals& globals) {
  const model::WeightMap map = model::WeightMap::load(arguments.map);
  const LoadedModel loaded = load_model(arguments.config, {}, globals);
  const model::NamedTensors state = model::state_by_name(*loaded.network);
  model::NamedTensors values = map.apply(
      model::WeightMap::with_prefix(io::load_safetensors(arguments.in), map.prefix()), state);
  std::vector<model::NamedTensor> all;
  for (const auto& [name, own] : state) {
    const auto value = values.find(name);
    all.emplace_back(name, value == values.end() ? own : value->second);
  }
  io::write_safetensors(arguments.out, all, {{"source", arguments.in}});
  spdlog::info("wrote {} tensors to {}", all.size(), arguments.out);
}

}  // namespace

void add_weights_command(Command program, Globals& globals) {
  Command weights = program.subcommand("weights", "look into weight files, import others'");
  weights.require_subcommand();

  Command inspect = weights.subcommand("inspect", "names, shapes and value ranges of a file");
  auto file = std::make_shared<std::string>();
  inspect.option("file", *file, "a safetensors file").required();
  inspect.run([file, &globals] { std::cout << io::inspect_safetensors(*file, globals.json); });

  Command import =
      weights.subcommand("import", "turn another project's safetensors into ours, by a weight map");
  auto arguments = std::make_shared<ImportArguments>();
  import.option("--map", arguments->map, "the weight map").required();
  import.option("--config", arguments->config, "the config of the network they are for").required();
  import.option("in", arguments->in, "their file").required();
  import.option("out", arguments->out, "the file to write").required();
  import.run([arguments, &globals] { import_weights(*arguments, globals); });
}

}  // namespace mixwright::cli
