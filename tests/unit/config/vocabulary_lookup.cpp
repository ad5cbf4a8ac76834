#include "tests/unit/config/vocabulary_lookup.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <mixwright/dataset.h>
#include <mixwright/kinds.h>
#include <mixwright/plugin.h>
#include <mixwright/task.h>

#include "framework/config/run_config.h"

namespace mixwright::config::fake {

/// A number or a word, as a plugin may have it.
struct Shift {
  int64_t tokens = 0;
  bool alternate = false;
};

}  // namespace mixwright::config::fake

namespace mixwright::options {

template <>
struct Codec<config::fake::Shift> {
  static void read(const Reader& r,
                   const FieldBase& f,
                   const ConfigValue& v,
                   config::fake::Shift& out) {
    if (v.is_string()) {
      out.alternate = read_choice(r, f, v, {"alternate"}) == 0;
    } else {
      read_integer(r, f, v, out.tokens);
    }
  }
  static void describe(OptionSpec& spec) {
    spec.type = OptionType::kInteger;
    spec.choices = {"alternate"};
  }
  static ConfigValue write(const config::fake::Shift& value) { return value.tokens; }
};

}  // namespace mixwright::options

namespace mixwright::config {

namespace fake {

struct Norm {
  enum class Over { kChannels, kAll };
  Over over = Over::kChannels;
  std::string affine = "all";
  bool bias = true;
  double eps = 1e-6;
};
MIXWRIGHT_CHOICES(Norm::Over,
                  choice("channels", Norm::Over::kChannels),
                  choice("all", Norm::Over::kAll))
MIXWRIGHT_OPTIONS(Norm,
                  field("over", &Norm::over).doc("what is averaged over"),
                  field("affine", &Norm::affine),
                  field("bias", &Norm::bias).doc("add a learned bias"),
                  field("eps", &Norm::eps).at_least(0))

struct Pooling {
  int64_t pool_size = 3;
};
MIXWRIGHT_OPTIONS(
    Pooling, field("pool_size", &Pooling::pool_size).at_least(1).odd().doc("side of the window"))

struct Mlp {
  std::optional<int64_t> hidden;
  double ratio = 4.0;
  bool bias = true;
  Component<Activation> activation{"gelu"};
  Component<Normalization> norm;
  Component<Normalization> output_norm;
};
MIXWRIGHT_OPTIONS(Mlp,
                  field("hidden", &Mlp::hidden).at_least(1),
                  field("ratio", &Mlp::ratio).at_least(0),
                  field("bias", &Mlp::bias),
                  field("activation", &Mlp::activation),
                  field("norm", &Mlp::norm),
                  field("output_norm", &Mlp::output_norm))

struct AsymmetricMlp {
  double ratio = 4.0;
  double penalty = 0.0;
};
MIXWRIGHT_OPTIONS(AsymmetricMlp,
                  field("ratio", &AsymmetricMlp::ratio),
                  field("penalty", &AsymmetricMlp::penalty).at_least(0))

struct InvertibleMlp {
  double ratio = 0.5;
  int64_t iterations = 2;
};
MIXWRIGHT_OPTIONS(InvertibleMlp,
                  field("ratio", &InvertibleMlp::ratio),
                  field("iterations", &InvertibleMlp::iterations).at_least(1).at_most(100))

struct Linear {
  bool bias = true;
};
MIXWRIGHT_OPTIONS(Linear, field("bias", &Linear::bias))

struct Attention {
  std::optional<int64_t> heads;
  std::optional<int64_t> head_dim;
  bool bias = true;
  bool projection_bias = true;
};
MIXWRIGHT_OPTIONS(Attention,
                  field("heads", &Attention::heads).at_least(1),
                  field("head_dim", &Attention::head_dim).at_least(1),
                  field("bias", &Attention::bias),
                  field("projection_bias", &Attention::projection_bias))

struct WindowAttention {
  int64_t window = 7;
  int64_t heads = 1;
  Shift shift;
};
MIXWRIGHT_OPTIONS(WindowAttention,
                  field("window", &WindowAttention::window).at_least(1).required(),
                  field("heads", &WindowAttention::heads).at_least(1),
                  field("shift", &WindowAttention::shift).at_least(0))

struct Side {
  int64_t kernel = 1;
  bool bias = false;
  Component<Normalization> norm{"batch_norm"};
};
MIXWRIGHT_OPTIONS(Side,
                  field("kernel", &Side::kernel).at_least(1),
                  field("bias", &Side::bias),
                  field("norm", &Side::norm))

struct Conv {
  int64_t kernel = 3;
  int64_t stride = 1;
  std::optional<int64_t> padding;
  std::optional<int64_t> dim;
  bool keep_dim = false;
  bool bias = true;
  bool identity = false;
  Component<Normalization> norm;
  Component<Normalization> pre_norm;
  Component<Normalization> sum_norm;
  std::vector<Side> side;
};
MIXWRIGHT_OPTIONS(Conv,
                  field("kernel", &Conv::kernel).at_least(1),
                  field("stride", &Conv::stride).at_least(1),
                  field("padding", &Conv::padding).at_least(0),
                  field("dim", &Conv::dim).at_least(1),
                  field("keep_dim", &Conv::keep_dim),
                  field("bias", &Conv::bias),
                  field("identity", &Conv::identity),
                  field("norm", &Conv::norm),
                  field("pre_norm", &Conv::pre_norm),
                  field("sum_norm", &Conv::sum_norm),
                  field("side", &Conv::side))

struct Patch {
  int64_t size = 16;
  bool bias = true;
  bool class_token = false;
  bool position = false;
  Component<Normalization> norm;
};
MIXWRIGHT_OPTIONS(Patch,
                  field("size", &Patch::size).at_least(1).required(),
                  field("bias", &Patch::bias),
                  field("class_token", &Patch::class_token),
                  field("position", &Patch::position),
                  field("norm", &Patch::norm))

struct Merging {
  Component<Normalization> norm;
};
MIXWRIGHT_OPTIONS(Merging, field("norm", &Merging::norm))

struct Chain {
  std::vector<LayerOption> layers;
};
MIXWRIGHT_OPTIONS(Chain, field("layers", &Chain::layers).required())

struct Gated {
  Component<Block> gate;
};
MIXWRIGHT_OPTIONS(Gated, field("gate", &Gated::gate).required())

struct Serial {
  Component<Normalization> norm;
  Component<TokenMixer> token_mixer;
  Component<ChannelMixer> channel_mixer;
  std::optional<double> layer_scale;
  std::optional<double> res_scale;
  double drop_path = 0.0;
  bool shared_norm = false;
};
MIXWRIGHT_OPTIONS(Serial,
                  field("norm", &Serial::norm),
                  field("token_mixer", &Serial::token_mixer),
                  field("channel_mixer", &Serial::channel_mixer),
                  field("layer_scale", &Serial::layer_scale),
                  field("res_scale", &Serial::res_scale),
                  field("drop_path", &Serial::drop_path).at_least(0).at_most(1),
                  field("shared_norm", &Serial::shared_norm))

struct Parallel {
  Component<Normalization> norm;
  Component<TokenMixer> token_mixer;
  Component<ChannelMixer> channel_mixer;
};
MIXWRIGHT_OPTIONS(Parallel,
                  field("norm", &Parallel::norm),
                  field("token_mixer", &Parallel::token_mixer),
                  field("channel_mixer", &Parallel::channel_mixer))

struct Step {
  bool residual = true;
  std::vector<LayerOption> layers;
};
MIXWRIGHT_OPTIONS(Step,
                  field("residual", &Step::residual),
                  field("layers", &Step::layers).required())

struct Residuals {
  std::vector<Step> step;
};
MIXWRIGHT_OPTIONS(Residuals, field("step", &Residuals::step).required())

struct Classifier {
  Component<Normalization> norm;
  Component<Normalization> pooled_norm;
  Component<Normalization> hidden_norm;
  Component<Activation> activation{"gelu"};
  std::optional<int64_t> hidden;
  std::optional<double> hidden_ratio;
  bool hidden_bias = true;
  std::string pool = "mean";
};
MIXWRIGHT_OPTIONS(Classifier,
                  field("norm", &Classifier::norm),
                  field("pooled_norm", &Classifier::pooled_norm),
                  field("hidden_norm", &Classifier::hidden_norm),
                  field("activation", &Classifier::activation),
                  field("hidden", &Classifier::hidden).at_least(1),
                  field("hidden_ratio", &Classifier::hidden_ratio).at_least(0),
                  field("hidden_bias", &Classifier::hidden_bias),
                  field("pool", &Classifier::pool))

struct Upsample {
  int64_t scale = 2;
};
MIXWRIGHT_OPTIONS(Upsample, field("scale", &Upsample::scale).at_least(1))

struct Idx {
  std::string images;
  std::string labels;
  std::vector<double> mean;
};
MIXWRIGHT_OPTIONS(Idx,
                  field("images", &Idx::images).required(),
                  field("labels", &Idx::labels),
                  field("mean", &Idx::mean))

struct Flip {
  double share = 0.5;
};
MIXWRIGHT_OPTIONS(Flip, field("share", &Flip::share).at_least(0).at_most(1))

struct Classification {
  double label_smoothing = 0.0;
};
MIXWRIGHT_OPTIONS(Classification,
                  field("label_smoothing", &Classification::label_smoothing).at_least(0).at_most(1))

/// What stands for a component's class.
template <class Declared>
struct Of {
  using Options = Declared;
};

}  // namespace fake

namespace {

struct Entry {
  std::string kind;
  std::string name;
  OptionSchema (*schema)();
  void (*validate)(const ConfigValue&, const ComponentChecker*, Diagnostics&) noexcept;
};

template <class Kind, class Options = NoOptions>
Entry entry(const char* name) {
  return {Kind::kKind,
          name,
          &registration::schema<Kind, fake::Of<Options>>,
          &registration::validate<Kind, fake::Of<Options>>};
}

const std::vector<Entry>& entries() {
  static const std::vector<Entry> kEntries = {
      entry<Embedding, fake::Patch>("patch"),
      entry<Embedding, fake::Conv>("conv"),
      entry<Embedding, fake::Conv>("depthwise_conv"),
      entry<Embedding, fake::Merging>("patch_merging"),
      entry<Embedding, fake::Chain>("chain"),
      entry<Embedding>("tokens"),
      entry<Block, fake::Serial>("serial"),
      entry<Block, fake::Parallel>("parallel"),
      entry<Block, fake::Residuals>("residuals"),
      entry<TokenMixer, fake::Pooling>("pooling"),
      entry<TokenMixer, fake::Mlp>("mlp"),
      entry<TokenMixer, fake::AsymmetricMlp>("asymmetric_mlp"),
      entry<TokenMixer, fake::InvertibleMlp>("invertible_mlp"),
      entry<TokenMixer, fake::AsymmetricMlp>("spatial_gating"),
      entry<TokenMixer, fake::Attention>("self_attention"),
      entry<TokenMixer, fake::WindowAttention>("window_attention"),
      entry<TokenMixer, fake::Conv>("depthwise_conv"),
      entry<TokenMixer, fake::Conv>("separable_conv"),
      entry<TokenMixer, fake::Chain>("chain"),
      entry<TokenMixer, fake::Gated>("gated"),
      entry<TokenMixer>("partial_conv"),
      entry<TokenMixer>("identity"),
      entry<TokenMixer>("masked_linear"),
      entry<TokenMixer>("squeeze_excite"),
      entry<ChannelMixer, fake::Mlp>("mlp"),
      entry<ChannelMixer, fake::AsymmetricMlp>("asymmetric_mlp"),
      entry<ChannelMixer, fake::Linear>("linear"),
      entry<ChannelMixer, fake::Chain>("chain"),
      entry<Normalization, fake::Norm>("layer_norm"),
      entry<Normalization, fake::Norm>("group_norm"),
      entry<Normalization>("batch_norm"),
      entry<Activation>("gelu"),
      entry<Activation>("star_relu"),
      entry<Activation>("squared_relu"),
      entry<Head, fake::Classifier>("classifier"),
      entry<Head, fake::Upsample>("upsample"),
      entry<Head, fake::Linear>("logits"),
      entry<Dataset, fake::Idx>("idx"),
      entry<Transform, fake::Flip>("flip"),
      entry<Task, fake::Classification>("classification"),
  };
  return kEntries;
}

const Entry* find(const std::string& kind, const std::string& name) {
  for (const Entry& each : entries()) {
    if (each.kind == kind && each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace

std::optional<OptionSchema> VocabularyLookup::schema(const std::string& kind,
                                                     const std::string& name) const {
  const Entry* found = find(kind, name);
  return found == nullptr ? std::nullopt : std::optional(found->schema());
}

std::vector<std::string> VocabularyLookup::names(const std::string& kind) const {
  std::vector<std::string> result;
  for (const Entry& each : entries()) {
    if (each.kind == kind) result.push_back(each.name);
  }
  return result;
}

void VocabularyLookup::validate(const std::string& kind,
                                const std::string& name,
                                const ConfigValue& table,
                                const ComponentChecker& checker,
                                Diagnostics& diagnostics) const {
  const Entry* found = find(kind, name);
  if (found == nullptr) {
    throw UsageError("unknown " + kind_words(kind) + " \"" + name + "\"" +
                     did_you_mean(name, names(kind)));
  }
  found->validate(table, &checker, diagnostics);
}

std::string VocabularyLookup::summary(const std::string& kind, const std::string& name) const {
  return kind == "token_mixer" && name == "pooling" ? "average pooling minus identity" : "";
}

std::vector<std::string> vocabulary_names() {
  std::vector<std::string> names;
  const std::string folder = std::string(MIXWRIGHT_SOURCE_DIR) + "/tests/unit/config/vocabulary";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ".toml") names.push_back(file.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string vocabulary_path(const std::string& name) {
  return std::string(MIXWRIGHT_SOURCE_DIR) + "/tests/unit/config/vocabulary/" + name + ".toml";
}

Diagnostics check_all(const LoadedConfig& loaded) {
  const VocabularyLookup lookup(loaded.root.find("parts"));
  Diagnostics diagnostics;
  read_config(loaded.root, lookup, diagnostics);
  return diagnostics;
}

Diagnostics check_text(const std::string& text, const std::vector<std::string>& sets) {
  return check_all(load_text(text, "t.toml", sets));
}

std::vector<std::string> lines(const Diagnostics& diagnostics) {
  std::vector<std::string> result;
  std::istringstream stream(error_of([&] { diagnostics.throw_if_errors(); }));
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

TestFolder::TestFolder() {
  std::string pattern =
      (std::filesystem::temp_directory_path() / "mixwright-config-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw Error("no temporary folder: " + pattern);
  folder_ = pattern;
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string TestFolder::write(const std::string& name, const std::string& text) const {
  const std::string file = path(name);
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

bool same(const ConfigValue& a, const ConfigValue& b) {
  if (a.is_array() && b.is_array()) {
    return std::equal(
        a.as_array().begin(), a.as_array().end(), b.as_array().begin(), b.as_array().end(), same);
  }
  if (!a.is_table() || !b.is_table()) {
    return a.is_array() == b.is_array() && a.is_table() == b.is_table() &&
           a.is_float() == b.is_float() && a.toml() == b.toml();
  }
  if (a.as_table().size() != b.as_table().size()) return false;
  return std::all_of(a.as_table().begin(), a.as_table().end(), [&](const auto& entry) {
    const ConfigValue* other = b.find(entry.key);
    return other != nullptr && same(entry.value, *other);
  });
}

}  // namespace mixwright::config
