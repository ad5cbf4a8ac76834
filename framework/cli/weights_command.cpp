#include <iostream>
#include <memory>

#include "framework/cli/commands.h"
#include "framework/cli/weights_files.h"
#include "framework/io/inspect.h"

namespace mixwright::cli {

namespace {

constexpr const char* kMapHelp = "the weight map; without it the config's model.weight_map";

void add_inspect(Command weights, Globals& globals) {
  Command inspect = weights.subcommand("inspect", "names, shapes and value ranges of a file");
  auto file = std::make_shared<std::string>();
  inspect.option("file", *file, "a safetensors file").required();
  inspect.run([file, &globals] { std::cout << io::inspect_safetensors(*file, globals.json); });
}

void add_import(Command weights, Globals& globals) {
  Command command =
      weights.subcommand("import", "turn another project's safetensors into ours, by a weight map");
  auto arguments = std::make_shared<WeightsArguments>();
  command.option("--map", arguments->map, kMapHelp).type_name("FILE");
  command.option("--config", arguments->config, "the network that they are for")
      .type_name("FILE")
      .required();
  command.sets(arguments->sets);
  command.option("--prefix",
                 arguments->prefix,
                 "take only names that begin so, and leave it off; without it module., model. and "
                 "state_dict. are seen");
  command.flag("--adapt",
               arguments->adapt,
               "where the network has another input size or other classes: resize what can be, "
               "begin the last layer anew, and say so");
  command.option("in", arguments->in, "their file").required();
  command.option("out", arguments->out, "the file to write").required();
  command.footer(
      "Every tensor of the file must have its place and every tensor of the network its value:\n"
      "otherwise all that is missing, unexpected or misshapen is listed, the exit code is 1 and\n"
      "nothing is written. What is written goes into `train.start.from`, `forward --weights`.\n\n"
      "  mixwright weights import --config network.toml theirs.safetensors ours.safetensors\n"
      "  mixwright weights import --config network.toml --adapt --set model.input.classes=10 \\\n"
      "      --set 'model.input.shape=[256, 256, 3]' theirs.safetensors ours.safetensors");
  command.run([arguments, &globals] { import_weights(*arguments, globals); });
}

void add_export(Command weights, Globals& globals) {
  Command command = weights.subcommand(
      "export", "write our weights under another project's names, the same map backwards");
  auto arguments = std::make_shared<WeightsArguments>();
  command.option("--map", arguments->map, kMapHelp).type_name("FILE");
  command.option("--config", arguments->config, "the network that they are of; a run has its own")
      .type_name("FILE");
  command.sets(arguments->sets);
  command.option("--checkpoint",
                 arguments->checkpoint,
                 "of a run: best, last or step-N; without it the best, or the last");
  command.option("in", arguments->in, "a run's folder, or a safetensors file").required();
  command.option("out", arguments->out, "the file to write").required();
  command.footer(
      "  mixwright weights export runs/first theirs.safetensors\n\n"
      "and in Python: model.load_state_dict(safetensors.torch.load_file(\"theirs.safetensors\"))");
  command.run([arguments, &globals] { export_weights(*arguments, globals); });
}

}  // namespace

void add_weights_command(Command program, Globals& globals) {
  Command weights = program.subcommand("weights", "look into weight files, import and export them");
  weights.require_subcommand();
  add_inspect(weights, globals);
  add_import(weights, globals);
  add_export(weights, globals);
}

}  // namespace mixwright::cli
