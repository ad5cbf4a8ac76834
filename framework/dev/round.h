#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "framework/dev/jobs.h"
#include "framework/dev/project.h"

namespace mixwright::dev {

/// What a round tries.
struct RoundOptions {
  std::filesystem::path config;         ///< trained on for some steps; "": nothing is trained
  int64_t steps = 10;                   ///< of that training
  std::vector<std::string> more_words;  ///< for every call of this program, such as --plugin-path
  std::filesystem::path program;        ///< this program
};

/// Something that is wrong, with what was said of it.
struct Problem {
  std::string title;  ///< `does not compile`
  std::vector<std::string> lines;
};

/// What took how long; nothing where it did not run.
struct PhaseTimes {
  std::optional<double> configure;
  std::optional<double> build;
  std::optional<double> check;
  std::optional<double> model;
  std::optional<double> train;
  double together = 0;  ///< on the clock: the checks run beside model and training
};

struct BuiltPlugin {
  std::string name;
  std::string version;
  std::string sha256;
  std::filesystem::path copy;
};

struct CheckCounts {
  int64_t passed = 0;
  int64_t failed = 0;
  int64_t skipped = 0;
};

/// A part that a plugin of the project made.
struct PartRow {
  std::string path;
  std::string component;
  std::string out_shape;
  int64_t parameters = 0;
  int64_t macs = 0;
};

struct ModelCounts {
  int64_t parameters = 0;
  int64_t macs = 0;  ///< of one sample
  std::vector<PartRow> parts;
};

struct StepCounts {
  int64_t steps = 0;
  std::string first_loss;
  std::string last_loss;
  double seconds = 0;  ///< of a step, the median
};

struct RoundResult {
  PhaseTimes times;
  std::vector<BuiltPlugin> plugins;
  std::optional<CheckCounts> checks;
  std::optional<ModelCounts> model;
  std::optional<StepCounts> training;
  std::vector<std::string> warnings;
  std::vector<Problem> problems;

  bool succeeded() const { return problems.empty(); }
};

/// From saved sources to what they do, once: build, compatibility, and in fresh processes the
/// conformance suite, the model's counts and some steps of training. What was built is loaded under
/// a name of its own, so that no process can meet an older one.
class Round {
 public:
  /// `folder` takes the round's files; `said` hears what is going on: `building`.
  Round(const Project& project,
        RoundOptions options,
        std::filesystem::path folder,
        std::function<bool()> interrupted,
        std::function<void(const std::string&)> said);

  /// Nothing where it was interrupted.
  std::optional<RoundResult> run();

 private:
  bool configure();
  bool build();
  bool take_libraries();
  void add_check_lanes(std::vector<Lane>& lanes) const;
  Lane model_lane() const;
  std::vector<std::string> words(std::vector<std::string> command) const;
  bool try_out();
  void read_checks(size_t plugin, const JobResult& result);
  void read_model(const JobResult& result);
  void read_training(const JobResult& result);
  void add_failure(const std::string& title, const std::filesystem::path& messages);

  const Project& project_;
  RoundOptions options_;
  std::filesystem::path folder_;
  std::function<bool()> interrupted_;
  std::function<void(const std::string&)> said_;
  RoundResult result_;
};

}  // namespace mixwright::dev
