#include <filesystem>
#include <iostream>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/draw/drawing.h"
#include "framework/io/atomic_file.h"
#include "framework/model/summary.h"

namespace mixwright::cli {

namespace {

struct ModelArguments {
  std::string config;
  std::vector<std::string> sets;
  std::string output;
  int depth = 4;
};

void add_config(Command command, ModelArguments& arguments) {
  command.option("config", arguments.config, "a config, or a run's folder").required();
  command.sets(arguments.sets);
}

void run_draw(const ModelArguments& arguments, Globals& globals) {
  if (std::filesystem::path(arguments.output).extension() != ".svg") {
    throw UsageError("--out " + arguments.output + ": a diagram is an SVG file, .svg expected");
  }
  const LoadedModel loaded = load_unbuilt(arguments.config, arguments.sets, globals);
  io::write_text_file_atomically(
      arguments.output,
      draw::drawing(draw::outline(loaded.config, loaded.input, *loaded.factory, loaded.name())));
  spdlog::info("wrote {}", arguments.output);
}

void add_summary(Command model, Globals& globals) {
  Command summary = model.subcommand(
      "summary", "parts, parameters, multiply-accumulates and memory of one sample");
  auto arguments = std::make_shared<ModelArguments>();
  add_config(summary, *arguments);
  summary.option("--depth", arguments->depth, "levels of parts that are shown").show_default();
  summary.run([arguments, &globals] {
    const LoadedModel loaded = load_unbuilt(arguments->config, arguments->sets, globals);
    const model::Summary counts = model::summarize(loaded.config, loaded.input, *loaded.factory);
    std::cout << (globals.json ? model::summary_json(counts, loaded.name()) + "\n"
                               : model::summary_text(counts, loaded.name(), arguments->depth));
  });
}

void add_draw(Command model, Globals& globals) {
  Command draw = model.subcommand("draw", "a block diagram: stages, blocks, shapes and counts");
  auto arguments = std::make_shared<ModelArguments>();
  add_config(draw, *arguments);
  draw.option("--out", arguments->output, "the .svg to write").type_name("FILE").required();
  draw.footer(
      R"(  mixwright model draw configs/quickstart.toml --out network.svg

Stages stand on the left, from the input down to the answer, with the shape of what goes from one to
the next. What is in a block stands beside them once for all blocks that are made alike, whatever
their sizes: boxes are parts, a plus sums what comes in (residual branches), a cross multiplies it
(gates). Numbers are parameters and multiply-accumulates. The picture is drawn from what one sample
does in the network, so that plugins need not say how they are wired; no data and no memory for
weights are needed.)");
  draw.run([arguments, &globals] { run_draw(*arguments, globals); });
}

}  // namespace

void add_model_command(Command program, Globals& globals) {
  Command model = program.subcommand("model", "look at the network that a config makes");
  model.require_subcommand();
  add_summary(model, globals);
  add_draw(model, globals);
}

}  // namespace mixwright::cli
