#include "framework/model/assemble.h"

#include <mixwright/error.h>
#include <mixwright/refusal.h>

#include "framework/model/initialization.h"
#include "framework/model/meta_device.h"
#include "framework/model/random_state.h"

namespace mixwright::model {

namespace {

/// What does not change from stage to stage.
struct Assembly {
  BuildContext context;
  std::vector<Stage> stages;
};

std::shared_ptr<Layer> make_layer(const char* kind,
                                  const ConfigValue& value,
                                  const BuildContext& context) {
  return std::static_pointer_cast<Layer>(context.make(kind, value));
}

LayerPtr build_embedding(const config::StageOptions& stage, const BuildContext& context) {
  const LayerPtr embedding = stage.embedding.build_as("embedding", context);
  const Shape& shape = shape_after(embedding, context.shape);
  if (stage.dim && shape.channels != *stage.dim) {
    throw BuildError(config_words(context.path) + ": dim = " + std::to_string(*stage.dim) +
                     ", but " +
                     (embedding ? "its embedding gives " : "it has no embedding and gets ") +
                     std::to_string(shape.channels) + " channels");
  }
  return embedding;
}

LayerPtr build_block(const ConfigValue& table, const BuildContext& context) {
  LayerPtr block = make_layer("block", table, context);
  if (!block) throw BuildError(config_words(context.path) + ": \"none\" is no block");
  if (!(block->out_shape() == context.shape)) {
    throw BuildError(config_words(context.path) + " turns " + context.shape.text() + " into " +
                     block->out_shape().text() +
                     "; a block keeps the shape, an embedding changes it");
  }
  return block;
}

void build_stage(Assembly& assembly, const config::Stage& stage) {
  BuildContext& outer = assembly.context;
  BuildContext context = outer.below("stages").below(std::to_string(outer.place.stage));
  context.dim = stage.options.dim.value_or(context.shape.channels);
  const LayerPtr embedding = build_embedding(stage.options, context);
  context.shape = shape_after(embedding, context.shape);
  context.dim = context.shape.channels;

  std::vector<LayerPtr> blocks;
  context.place.in_block = true;
  for (int64_t b = 0; b < stage.options.depth; ++b) {
    BuildContext inner = context.below("blocks").below(std::to_string(b));
    inner.place.block = b;
    inner.place.block_in_network = outer.place.block_in_network++;
    blocks.push_back(
        build_block(stage.blocks[static_cast<size_t>(b) % stage.blocks.size()], inner));
  }
  assembly.stages.emplace_back(
      embedding, std::move(blocks), stage.options.repeat_stage, stage.options.recompute);
  outer.shape = context.shape;
  outer.stage_shapes.push_back(context.shape);
}

void build_stages(Assembly& assembly, const config::RunConfig& config) {
  if (config.stages.empty()) throw UsageError("a model needs at least one [[model.stage]]");
  BuildContext& context = assembly.context;
  context.place.stages = static_cast<int64_t>(config.stages.size());
  context.place.blocks_in_network = 0;
  for (const config::Stage& stage : config.stages) {
    context.place.blocks_in_network += stage.options.depth;
  }
  for (const config::Stage& stage : config.stages) {
    context.place.blocks = stage.options.depth;
    build_stage(assembly, stage);
    ++context.place.stage;
  }
}

/// A component that is a whole network, in the place of stages.
LayerPtr build_whole(BuildContext& context, const config::RunConfig& config) {
  context.dim = context.shape.channels;
  LayerPtr whole = config.model.network.build_as("network", context);
  if (!whole) throw BuildError("model.network is a part that is \"none\"; say [[model.stage]]");
  context.shape = whole->out_shape();
  context.stage_shapes.push_back(context.shape);
  return whole;
}

const char* scheme_name(config::Initialization scheme) {
  for (const auto& choice : mixwright_choices(&scheme)) {
    if (choice.value == scheme) return choice.name;
  }
  return "default";
}

InputSignal said_by(const config::InputOptions& input) {
  InputSignal signal;
  signal.classes = input.classes.value_or(0);
  signal.vocabulary = input.vocabulary.value_or(0);
  signal.shape.grid = input.shape;
  if (signal.vocabulary == 0 && !signal.shape.grid.empty()) {
    signal.shape.channels = signal.shape.grid.back();
    signal.shape.grid.pop_back();
  }
  if (signal.shape.grid.empty()) {
    throw UsageError("model.input.shape = " + list_text(input.shape) +
                     ": [height, width, channels] expected for pictures, [length, channels] for "
                     "sequences, [length] with a vocabulary");
  }
  return signal;
}

}  // namespace

InputSignal input_signal(const config::RunConfig& config, const DatasetInfo* data) {
  InputSignal of_data;
  if (data != nullptr) of_data = {data->input, data->classes, data->vocabulary};
  if (!config.model.input) {
    if (data != nullptr) return of_data;
    throw UsageError(
        "the config has neither [data] nor model.input; say for example "
        "input = { shape = [32, 32, 3], classes = 10 } under [model]");
  }
  const InputSignal said = said_by(*config.model.input);
  if (data != nullptr && !(said.shape == of_data.shape && said.classes == of_data.classes)) {
    throw UsageError("model.input says " + said.shape.text() + " with " +
                     std::to_string(said.classes) + " classes, the data have " +
                     of_data.shape.text() + " with " + std::to_string(of_data.classes) +
                     "; leave model.input out where there is [data]");
  }
  return said;
}

namespace {

std::shared_ptr<Network> build(const config::RunConfig& config,
                               const InputSignal& input,
                               const PartFactory& factory) {
  Assembly assembly;
  BuildContext& context = assembly.context;
  context.factory = &factory;
  context.shape = input.shape;
  context.input = input.shape;
  context.classes = input.classes;
  context.vocabulary = input.vocabulary;
  LayerPtr whole;
  if (config.model.network) {
    whole = build_whole(context, config);
  } else {
    build_stages(assembly, config);
  }
  context.dim = context.shape.channels;
  const std::shared_ptr<Head> head = config.model.head.build_as("head", context);
  auto network = whole ? std::make_shared<Network>(input.shape, whole, head)
                       : std::make_shared<Network>(input.shape, assembly.stages, head);
  initialize(*network, scheme_name(config.model.init));
  std::vector<SharedTensor> shared;
  shared.reserve(config.model.share.entries.size());
  for (const auto& [target, source] : config.model.share.entries)
    shared.push_back({target, source});
  network->share(shared);
  return network;
}

/// Builds everything once without memory, for the sake of what does not fit.
void refuse_early(const config::RunConfig& config,
                  const InputSignal& input,
                  const PartFactory& factory) {
  const RandomState random;  // of parts that draw on a device of their own choice
  const int64_t unmeant = registration::unmeant_failures();
  try {
    const MetaDevice meta;
    build(config, input, factory);
  } catch (const UsageError&) {
    if (registration::unmeant_failures() == unmeant) throw;
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // A part reads values, or fails for real and will say so.
  }
  random.restore();
}

}  // namespace

std::shared_ptr<Network> assemble(const config::RunConfig& config,
                                  const InputSignal& input,
                                  const PartFactory& factory) {
  if (!MetaDevice::active()) refuse_early(config, input, factory);
  return build(config, input, factory);
}

}  // namespace mixwright::model
