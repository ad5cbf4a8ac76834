#pragma once

// The host as a library: what `find_package(Mixwright)` gives as Mixwright::host.
//
//   using namespace mixwright::host;
//   const Model model = load_run("runs/first");
//   for (const Answer& answer : model.predict_file("sneaker.png")) { … }
//
// Plugins are found and loaded as the program does it, and are never unloaded. What is thrown is a
// mixwright::Error whose text is one line: UsageError for a wrong config, run or plugin, Error for
// what fails while running. Nothing is printed; warnings are kept with what they came up at.
//
// The way out: destroy models and networks, then call leave(). See there.
//
// Thread: loading and building take turns by themselves. A Model may be asked from several threads
// at once; a Network in training may not.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include <mixwright/config_value.h>
#include <mixwright/error.h>
#include <mixwright/export.h>
#include <mixwright/shape.h>

namespace mixwright::host {

/// Where plugins are looked for, beside the config's own places, MIXWRIGHT_PLUGIN_PATH, the user's
/// folder and the installation: the program's --plugin-path and --only-plugin-path.
struct MIXWRIGHT_API PluginPlaces {
  std::vector<std::string> paths;  ///< folders, or single plugins; searched first
  bool only_these = false;
};

/// One answer to a sample.
struct MIXWRIGHT_API Answer {
  std::string label;       ///< the class's name
  double probability = 0;  ///< in 0 to 1
};

struct MIXWRIGHT_API LoadOptions {
  std::string checkpoint;              ///< best, last or step-N; "": the best, else the last
  std::vector<std::string> overrides;  ///< as --set: "train.device=cpu"
  PluginPlaces plugins;
};

/// A trained network that answers, as `mixwright predict` does. A handle: copies are the same
/// model.
class MIXWRIGHT_API Model {
 public:
  struct State;
  explicit Model(std::shared_ptr<const State> state);
  Model(const Model&);
  Model(Model&&) noexcept;
  Model& operator=(const Model&);
  Model& operator=(Model&&) noexcept;
  ~Model();

  /// At most `most` answers to one sample, the most probable first.
  ///
  /// Where the training's samples are pictures, bytes [H, W, C] of any size are scaled and cut as
  /// the program does it. Everything else has the size of the training's samples, `input()`: bytes,
  /// or floats as the dataset gave them.
  /// Throws: Error for another shape, and where the run's task says nothing of single samples.
  std::vector<Answer> predict(const torch::Tensor& sample, int64_t most = 3) const;
  /// The same for a JPEG or PNG file, stood upright, gray or coloured as the training's were.
  std::vector<Answer> predict_file(const std::string& path, int64_t most = 3) const;

  /// What the network itself gives, in float32 and without gradients.
  /// Shape: [batch, *grid, channels] -> the head's, for a classifier [batch, classes].
  torch::Tensor forward(const torch::Tensor& samples) const;

  const Shape& input() const;  ///< one sample
  const std::vector<std::string>& class_names() const;
  int64_t step() const;  ///< training steps behind the weights
  const std::vector<std::string>& warnings() const;

 private:
  std::shared_ptr<const State> state_;
};

/// Builds what a run's folder holds: its network with its weights. Its data need not be there.
/// Throws: UsageError where something is missing or does not fit.
MIXWRIGHT_API Model load_run(const std::string& folder, const LoadOptions& options = {});

/// Options by name, as a table of a config.
using Options = std::vector<std::pair<std::string, ConfigValue>>;

/// A component with options: part("NAME", {{"ratio", 4.0}}). Without options its name alone will
/// do.
MIXWRIGHT_API ConfigValue part(const std::string& type, const Options& options);

/// A network that was assembled in code. A handle: copies are the same network.
class MIXWRIGHT_API Network {
 public:
  struct State;
  explicit Network(std::shared_ptr<State> state);
  Network(const Network&);
  Network(Network&&) noexcept;
  Network& operator=(const Network&);
  Network& operator=(Network&&) noexcept;
  ~Network();

  /// Shape: [batch, *grid, channels] -> the head's. Records gradients as LibTorch is told to.
  torch::Tensor forward(const torch::Tensor& x);
  void train(bool on = true);  ///< as it is after building; train(false): evaluation

  /// Trained tensors under their names, for an optimizer of LibTorch.
  std::vector<std::pair<std::string, torch::Tensor>> parameters() const;
  int64_t parameter_count() const;  ///< of numbers in them
  const std::vector<std::string>& warnings() const;

 private:
  std::shared_ptr<State> state_;
};

/// Assembles a network in code: what `[model]` of a config says, with the same words and checks.
///
///   Network network = NetworkBuilder()
///       .input({28, 28, 1}, 10)
///       .stage({{"embedding", part("NAME", {{"size", 4}})}, {"dim", 64}, {"depth", 4}, …})
///       .head("NAME")
///       .build();
class MIXWRIGHT_API NetworkBuilder {
 public:
  NetworkBuilder();
  ~NetworkBuilder();

  /// Grid and channels of one sample, and the number of classes; 0: none.
  NetworkBuilder& input(std::vector<int64_t> shape, int64_t classes);
  /// `[[model.stage]]`: embedding, dim, depth, block and what the block takes.
  NetworkBuilder& stage(const Options& options);
  NetworkBuilder& head(ConfigValue head);
  /// How linear and convolution weights begin: `model.init`.
  NetworkBuilder& init(const std::string& scheme);
  /// Ties two tensors: `model.share`.
  NetworkBuilder& share(const std::string& target, const std::string& source);
  /// Seeds LibTorch's default generator before the weights are drawn.
  NetworkBuilder& seed(int64_t seed);

  /// Throws: UsageError that names what is unknown, out of range or does not fit.
  Network build(const PluginPlaces& plugins = {}) const;

 private:
  ConfigValue model_;
  ConfigValue::Array stages_;
  std::optional<int64_t> seed_;
};

/// The last step of main: flushes the standard streams and ends the process at once.
///
/// Plugins are never unloaded, and a thread that one of them started may still run; static
/// destructors, which an ordinary return from main runs, would pull its ground away. Whoever uses
/// the host ends so, with all models and networks destroyed. A sanitized build exits in the
/// ordinary way.
[[noreturn]] MIXWRIGHT_API void leave(int code);

}  // namespace mixwright::host
