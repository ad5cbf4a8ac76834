#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/io/safetensors.h"
#include "framework/model/probe.h"
#include "framework/model/weights.h"
#include "framework/train/device.h"

namespace mixwright::cli {

namespace {

struct ForwardArguments {
  std::string config;
  std::vector<std::string> sets;
  std::string weights;
  std::string map;
  std::string input;
  std::string output;
  bool gradients = false;
  bool train = false;
  bool inference = false;
};

void run_forward(const ForwardArguments& arguments, Globals& globals) {
  if (arguments.inference && (arguments.gradients || arguments.train)) {
    throw UsageError(
        "--inference answers by merged weights, which have no gradients and are not trained; leave "
        "--grad and --train out");
  }
  const LoadedModel loaded = load_model(arguments.config, arguments.sets, globals);
  const model::WeightMap map =
      arguments.map.empty() ? model::WeightMap::identity() : model::WeightMap::load(arguments.map);
  if (!arguments.weights.empty()) {
    const model::NamedTensors weights =
        model::WeightMap::with_prefix(io::load_safetensors(arguments.weights), map.prefix());
    model::load_values(*loaded.network, map.apply(weights, model::state_by_name(*loaded.network)));
  } else {
    spdlog::warn("no --weights: the network answers with its initial values");
  }
  if (arguments.inference) {
    train::keep_freed_memory();
    loaded.network->eval();
    spdlog::info("{} layers answer by their form for inference",
                 loaded.network->use_inference_forms());
  }
  const model::NamedTensors inputs = io::load_safetensors(arguments.input);
  model::ProbeOptions options;
  options.train = arguments.train;
  options.gradients = arguments.gradients;
  if (const auto r = inputs.find("r"); r != inputs.end() && arguments.gradients) {
    options.cotangent = map.to_ours(r->second);
  }
  const model::Probe probe =
      model::probe(*loaded.network, map.to_ours(input_tensor(inputs, arguments.input)), options);

  std::vector<model::NamedTensor> result = {{"y", map.to_theirs(probe.output)}};
  if (probe.penalty.defined()) result.emplace_back("penalty", probe.penalty.reshape({1}));
  if (probe.input_gradient.defined()) {
    result.emplace_back("g.x", map.to_theirs(probe.input_gradient));
  }
  for (const auto& [name, gradient] : probe.gradients) result.emplace_back("g." + name, gradient);
  if (arguments.train) {
    for (const auto& buffer : loaded.network->named_buffers()) {
      result.emplace_back("buffer." + buffer.key(), buffer.value());
    }
  }
  io::write_safetensors(arguments.output, result);
  spdlog::info("wrote {} tensors to {}", result.size(), arguments.output);
}

}  // namespace

void add_forward_command(Command program, Globals& globals) {
  Command command = program.subcommand("forward", "run raw tensors through a network");
  auto arguments = std::make_shared<ForwardArguments>();
  command.option("config", arguments->config, "a config, or a run's folder").required();
  command.sets(arguments->sets);
  command.option("--weights", arguments->weights, "safetensors file with the weights");
  command.option("--map", arguments->map, "weight map, where the weights are another project's");
  command.option("--input", arguments->input, "safetensors file with a tensor x").required();
  command.option("--output", arguments->output, "file to write: y, penalty, gradients").required();
  command.flag("--grad",
               arguments->gradients,
               "also write g.x and g.<parameter>, the gradients of sum(y * r); r stands in the "
               "input file or is one");
  command.flag("--train",
               arguments->train,
               "training mode; buffers such as running statistics are written as well");
  command.flag("--inference",
               arguments->inference,
               "layers that have a faster form for answering alone use it: branches merged, norms "
               "folded");
  command.run([arguments, &globals] { run_forward(*arguments, globals); });
}

}  // namespace mixwright::cli
