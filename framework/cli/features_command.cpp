#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "framework/cli/commands.h"
#include "framework/cli/load.h"
#include "framework/cli/picture_inputs.h"
#include "framework/data/normalization.h"
#include "framework/data/picture_sample.h"
#include "framework/io/safetensors.h"
#include "framework/model/features.h"
#include "framework/model/weight_map.h"
#include "framework/model/weights.h"
#include "framework/train/device.h"
#include "framework/train/trained_run.h"

namespace mixwright::cli {

namespace {

constexpr int64_t kFeatureBatch = 64;

struct FeatureArguments {
  std::string source;
  std::vector<std::string> inputs;
  std::vector<std::string> sets;
  std::string stages = "last";
  std::string output;
  std::string weights;
  std::string map;
  std::string checkpoint;
  std::string mean;
  std::string std;
  bool invert = false;
};

/// A network that is asked, and what is known of its samples.
struct Asked {
  train::PredictorParts parts;  // its task stays empty
  model::WeightMap map = model::WeightMap::identity();
  bool knows_pictures = false;
  bool has_initial_values = false;
};

std::vector<double> numbers(const std::string& option, const std::string& words) {
  std::vector<double> values;
  std::istringstream in(words);
  for (std::string word; std::getline(in, word, ',');) {
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size()) {
      throw UsageError(option + " " + words + ": numbers with commas between them expected");
    }
    values.push_back(value);
  }
  return values;
}

Asked asked_run(const FeatureArguments& arguments, Globals& globals) {
  if (!arguments.weights.empty() || !arguments.map.empty()) {
    throw UsageError(arguments.source +
                     ": a run has its own weights; leave --weights and --map out, or name its "
                     "config.toml in place of the run");
  }
  const train::TrainedRun run = train::load_trained_run(
      arguments.source, arguments.checkpoint, arguments.sets, plugins_of(globals));
  Asked asked;
  asked.parts = run.predictor->parts();
  asked.knows_pictures = true;
  return asked;
}

Asked asked_config(const FeatureArguments& arguments, Globals& globals) {
  if (!arguments.checkpoint.empty()) {
    throw UsageError(arguments.source +
                     ": a config has no checkpoints; --weights names a safetensors file");
  }
  const LoadedModel loaded = load_model(arguments.source, arguments.sets, globals);
  Asked asked;
  if (!arguments.map.empty()) asked.map = model::WeightMap::load(arguments.map);
  asked.has_initial_values = arguments.weights.empty();
  if (!asked.has_initial_values) {
    const model::NamedTensors weights =
        model::WeightMap::with_prefix(io::load_safetensors(arguments.weights), asked.map.prefix());
    model::load_values(*loaded.network,
                       asked.map.apply(weights, model::state_by_name(*loaded.network)));
  }
  loaded.network->eval();
  asked.parts.network = loaded.network;
  asked.parts.info.input = loaded.input.shape;
  if (loaded.dataset) {
    asked.parts.info = data::SampleFacts(*loaded.dataset);
    asked.knows_pictures = true;
  }
  return asked;
}

/// [files, *grid, channels], as the network sees pictures.
torch::Tensor read_pictures(const std::vector<std::string>& files,
                            const Asked& asked,
                            bool invert) {
  std::vector<torch::Tensor> samples;
  samples.reserve(files.size());
  for (const std::string& file : files) {
    samples.push_back(
        data::picture_sample(read_picture_bytes(file), file, asked.parts.info, invert));
  }
  return data::normalised(torch::stack(samples), asked.parts.info);
}

/// Where features go: batch by batch, then as a file.
class FeatureFile {
 public:
  FeatureFile(const FeatureArguments& arguments, const Asked& asked)
      : arguments_(arguments),
        asked_(asked),
        choice_(model::feature_choice(arguments.stages, asked.parts.network->stages().size())) {}

  void add(const torch::Tensor& batch) {
    const train::Autocast autocast(asked_.parts.device, asked_.parts.bfloat16);
    for (const auto& [name, tensor] :
         model::features(*asked_.parts.network, batch.to(asked_.parts.device), choice_)) {
      batches_[name].push_back(tensor);
    }
  }

  void write(const nlohmann::json& inputs) const {
    std::vector<model::NamedTensor> tensors;
    for (const auto& [name, parts] : batches_) tensors.emplace_back(name, torch::cat(parts));
    io::write_safetensors(
        arguments_.output, tensors, {{"inputs", inputs.dump()}, {"network", arguments_.source}});
    for (const auto& [name, tensor] : tensors) {
      spdlog::info("{} {}", name, list_text(tensor.sizes().vec()));
    }
    if (asked_.has_initial_values) {
      spdlog::warn("no --weights: these are features of initial values");
    }
    spdlog::info("wrote {}", arguments_.output);
  }

 private:
  const FeatureArguments& arguments_;
  const Asked& asked_;
  model::FeatureChoice choice_;
  std::map<std::string, std::vector<torch::Tensor>> batches_;
};

void add_tensors(FeatureFile& file, const std::string& path, const Asked& asked) {
  const torch::Tensor x = asked.map.to_ours(input_tensor(io::load_safetensors(path), path));
  if (x.dim() == 0 || x.size(0) == 0) throw Error(path + ": x holds no sample");
  for (int64_t i = 0; i < x.size(0); i += kFeatureBatch) {
    file.add(x.slice(0, i, std::min(i + kFeatureBatch, x.size(0))));
  }
}

void require_known_pictures(const FeatureArguments& arguments, const Asked& asked) {
  if (!data::are_pictures(asked.parts.info)) {
    throw UsageError(arguments.source + ": its samples are " + asked.parts.info.input.text() +
                     ", no pictures; give a safetensors file with a tensor x");
  }
  if (asked.knows_pictures || !asked.parts.info.mean.empty()) return;
  throw UsageError(arguments.source +
                   ": without [data] it does not say how its pictures are normalised; give "
                   "--mean and --std, 0 and 1 for values in 0 to 1");
}

void add_pictures(FeatureFile& file,
                  const std::vector<std::string>& files,
                  const Asked& asked,
                  bool invert) {
  for (size_t i = 0; i < files.size(); i += kFeatureBatch) {
    const auto begin = files.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end =
        files.begin() + static_cast<std::ptrdiff_t>(std::min(i + kFeatureBatch, files.size()));
    file.add(read_pictures({begin, end}, asked, invert));
  }
}

void run_features(const FeatureArguments& arguments, Globals& globals) {
  const bool is_run = std::filesystem::is_directory(arguments.source);
  Asked asked = is_run ? asked_run(arguments, globals) : asked_config(arguments, globals);
  if (!arguments.mean.empty()) asked.parts.info.mean = numbers("--mean", arguments.mean);
  if (!arguments.std.empty()) asked.parts.info.std = numbers("--std", arguments.std);
  FeatureFile file(arguments, asked);
  const std::string& first = arguments.inputs.front();
  if (std::filesystem::path(first).extension() == ".safetensors") {
    if (arguments.inputs.size() > 1) {
      throw UsageError(arguments.inputs[1] + ": one safetensors file, or pictures alone, expected");
    }
    add_tensors(file, first, asked);
    file.write(nlohmann::json::array({first}));
    return;
  }
  require_known_pictures(arguments, asked);
  const PictureInputs inputs = find_pictures(arguments.inputs);
  // A row that is missing in silence would give its features to the wrong picture.
  if (!inputs.refused.empty()) throw Error(inputs.refused.front().reason);
  add_pictures(file, inputs.files, asked, arguments.invert);
  file.write(inputs.files);
}

}  // namespace

void add_features_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "features", "what the stages of a network give for pictures or tensors, for use elsewhere");
  auto arguments = std::make_shared<FeatureArguments>();
  command.option("network", arguments->source, "the folder of a run, or a config").required();
  command
      .option("input",
              arguments->inputs,
              "JPEG and PNG files or folders of them, or a safetensors file with a tensor x")
      .required();
  command
      .option("--stages",
              arguments->stages,
              "numbers from 0, last, embedding, pooled, answer; with commas between them")
      .show_default();
  command.option("--out", arguments->output, "safetensors file to write")
      .type_name("FILE")
      .required();
  command.option("--weights", arguments->weights, "of a config: safetensors file with the weights");
  command.option("--map", arguments->map, "weight map, where the weights are another project's");
  command.option("--checkpoint",
                 arguments->checkpoint,
                 "of a run: best, last or step-N; best where nothing is said");
  command.option("--mean", arguments->mean, "of each channel, for pictures with values in 0 to 1");
  command.option("--std", arguments->std, "the same for the standard deviation");
  command.flag(
      "--invert", arguments->invert, "show the network bright for dark and dark for bright");
  command.sets(arguments->sets);
  command.footer(
      R"(  mixwright features runs/first pictures/ --stages last,pooled --out features.safetensors
  mixwright features my.toml photo.jpg --weights w.safetensors --mean 0.485,0.456,0.406 \
    --std 0.229,0.224,0.225 --stages 0,2,last --out features.safetensors

The file holds stage.N and embedding as [sample, *grid, channels], pooled (the mean of the last stage
over its places) as [sample, channels], and answer, what the head makes of it; float32. Samples stand
in the order of the input, folders sorted; "inputs" in the file's metadata names them. Pictures become
samples as `mixwright predict` makes them; x is taken as it is, as `mixwright forward` takes it. One
picture that cannot be read ends the command, and nothing is written.)");
  command.run([arguments, &globals] { run_features(*arguments, globals); });
}

}  // namespace mixwright::cli
