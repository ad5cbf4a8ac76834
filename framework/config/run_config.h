#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <mixwright/kinds.h>
#include <mixwright/network.h>
#include <mixwright/options.h>

#include "framework/config/raw_options.h"
#include "framework/config/schema_lookup.h"
#include "framework/config/train_options.h"

namespace mixwright::config {

/// `model.input`: what enters the network, where no dataset says it.
struct InputOptions {
  std::vector<int64_t> shape;
  std::optional<int64_t> classes;
  std::optional<int64_t> vocabulary;
};

MIXWRIGHT_OPTIONS(
    InputOptions,
    field("shape", &InputOptions::shape)
        .required()
        .at_least(1)
        .doc("grid and channels: [height, width, channels]; [tokens] with a vocabulary"),
    field("classes", &InputOptions::classes).at_least(0).doc("answers of a classifier; 0: none"),
    field("vocabulary", &InputOptions::vocabulary)
        .at_least(1)
        .doc("the input is token ids below this"))

enum class Initialization { kDefault, kTruncatedNormal, kXavierUniform, kLecunNormal };

MIXWRIGHT_CHOICES(Initialization,
                  choice("default", Initialization::kDefault),
                  choice("truncated_normal", Initialization::kTruncatedNormal),
                  choice("xavier_uniform", Initialization::kXavierUniform),
                  choice("lecun_normal", Initialization::kLecunNormal))

/// A stage's own keys beside `block`; all others are its blocks'.
struct StageOptions {
  Component<Embedding> embedding;
  std::optional<int64_t> dim;
  int64_t depth = 1;
  int64_t repeat_stage = 1;
  bool recompute = false;
};

MIXWRIGHT_OPTIONS(StageOptions,
                  field("embedding", &StageOptions::embedding)
                      .doc("what changes grid and channels before the blocks"),
                  field("dim", &StageOptions::dim)
                      .at_least(1)
                      .doc("channels of the stage; as they come if not given"),
                  field("depth", &StageOptions::depth).at_least(0).doc("number of blocks"),
                  field("repeat_stage", &StageOptions::repeat_stage)
                      .at_least(1)
                      .doc("run the whole stack of blocks this often, with the same weights"),
                  field("recompute", &StageOptions::recompute)
                      .doc("keep only the blocks' inputs while training and compute the rest again "
                           "for the gradients: less memory, a third more work"))

/// The `[model]` table.
struct ModelOptions {
  std::optional<InputOptions> input;
  RawTable stage_defaults;
  RawList stage;
  Component<Network> network;
  Component<Head> head;
  Initialization init = Initialization::kDefault;
  StringMap share;
  std::string weight_map;
};

MIXWRIGHT_OPTIONS(
    ModelOptions,
    field("input", &ModelOptions::input).doc("shape and classes where there is no [data]"),
    field("stage_defaults", &ModelOptions::stage_defaults).doc("lies under every stage"),
    field("stage", &ModelOptions::stage).doc("[[model.stage]]: embedding, then depth x block"),
    field("network", &ModelOptions::network)
        .doc("a whole network that is not stages, in their place"),
    field("head", &ModelOptions::head).doc("turns features into the answer"),
    field("init", &ModelOptions::init).doc("how linear and convolution weights begin"),
    field("share", &ModelOptions::share).doc("ties tensors: \"target\" = \"source\""),
    field("weight_map", &ModelOptions::weight_map)
        .doc("what `mixwright weights` brings another project's tensors in by, relative to this "
             "file"))

/// Keys of `[data]` that are the host's and not the dataset's.
struct DataOptions {
  std::optional<int64_t> limit_train;
  std::optional<int64_t> limit_test;
};

MIXWRIGHT_OPTIONS(DataOptions,
                  field("limit_train", &DataOptions::limit_train)
                      .at_least(1)
                      .doc("use only the first samples of the training split"),
                  field("limit_test", &DataOptions::limit_test)
                      .at_least(1)
                      .doc("use only the first samples of the test split"))

struct PluginOptions {
  StringOrList path;
};

MIXWRIGHT_OPTIONS(PluginOptions,
                  field("path", &PluginOptions::path)
                      .doc("folders with plugins, or plugins, relative to this file"))

/// A whole config file.
struct FileOptions {
  int64_t format = 1;
  StringOrList extends;
  std::string name;
  int64_t seed = 0;
  PluginOptions plugins;
  RawTable parts;
  RawComponent data;
  RawTable model;
  std::optional<TrainOptions> train;
};

MIXWRIGHT_OPTIONS(
    FileOptions,
    field("format", &FileOptions::format)
        .at_least(1)
        .at_most(1)
        .doc("version of the config format"),
    field("extends", &FileOptions::extends)
        .doc("configs that lie under this one, in order, relative to this file"),
    field("name", &FileOptions::name).doc("what runs of this config are called"),
    field("seed", &FileOptions::seed).at_least(0).doc("of every random choice"),
    field("plugins", &FileOptions::plugins).doc("where plugins lie"),
    field("parts", &FileOptions::parts).doc("[parts.NAME]: components with options under a name"),
    field("data", &FileOptions::data).doc("a dataset component, its options beside it"),
    field("model", &FileOptions::model).doc("input, stages and head"),
    field("train", &FileOptions::train).doc("the recipe"))

/// One stage, checked.
struct Stage {
  StageOptions options;
  std::vector<ConfigValue> blocks;  ///< cycle over the depth; see stage_blocks
};

/// A config, read and checked.
struct RunConfig {
  std::string name;
  int64_t seed = 0;
  ConfigValue dataset;  ///< the component's table without the host's keys; "nothing" without [data]
  DataOptions data;
  ModelOptions model;
  std::vector<Stage> stages;
  std::optional<TrainOptions> train;
};

/// Reads and checks all of a loaded config in one pass. What is wrong goes to `diagnostics`, each
/// with its place, and what suspicious to its warnings; the result counts only if there are no
/// errors.
RunConfig read_config(const ConfigValue& root,
                      const SchemaLookup& lookup,
                      Diagnostics& diagnostics);

}  // namespace mixwright::config
