#include "framework/dev/round.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <mixwright/error.h>

#include "framework/dev/build_messages.h"
#include "framework/dev/round_files.h"
#include "framework/plugin/library.h"
#include "framework/plugin/sha256.h"

namespace mixwright::dev {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

/// How a library is put through the conformance suite.
const std::vector<std::string> kCheckCommand = {"plugins", "check", "--quick"};

constexpr size_t kNameDigits = 8;  // of the checksum in a copy's name

std::string messages_in(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string numbered(const std::string& stem, size_t number, const std::string& ending) {
  return stem + std::to_string(number) + ending;
}

/// Gives the copy of a library what lies beside the library itself, where a plugin looks for files
/// of its own: links, however large. Other libraries stay behind, so that none is met twice.
void link_neighbours(const fs::path& library, const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(fs::absolute(library).parent_path())) {
    if (entry.path().extension() == ".so") continue;
    fs::create_symlink(entry.path(), folder / entry.path().filename());
  }
}

}  // namespace

Round::Round(const Project& project,
             RoundOptions options,
             fs::path folder,
             std::function<bool()> interrupted,
             std::function<void(const std::string&)> said)
    : project_(project),
      options_(std::move(options)),
      folder_(std::move(folder)),
      interrupted_(std::move(interrupted)),
      said_(std::move(said)) {}

std::optional<RoundResult> Round::run() {
  const Clock::time_point began = Clock::now();
  result_ = {};
  fs::create_directories(folder_);
  const bool was_interrupted = !configure() || (result_.succeeded() && !build()) ||
                               (result_.succeeded() && take_libraries() && !try_out());
  if (was_interrupted) return std::nullopt;
  result_.times.together = std::chrono::duration<double>(Clock::now() - began).count();
  return std::move(result_);
}

bool Round::configure() {
  const fs::path output = folder_ / "configure.txt";
  const Lane lane = project_.configure(output);
  if (lane.empty()) return true;
  said_("configuring");
  const std::vector<JobResult> results = run_jobs({lane}, interrupted_);
  if (results.empty()) return false;
  result_.times.configure = results[0].seconds;
  if (results[0].succeeded()) return true;
  add_failure("cannot be configured", output);
  const std::string hint = project_.configure_hint();
  if (!hint.empty()) result_.problems.back().lines.push_back(hint);
  return true;
}

bool Round::build() {
  said_("building");
  const fs::path output = folder_ / "build.txt";
  const std::vector<JobResult> results = run_jobs({project_.build(output)}, interrupted_);
  if (results.empty()) return false;
  result_.times.build = results[0].seconds;
  if (!results[0].succeeded()) add_failure("does not build", output);
  return true;
}

/// Looks at what was built and copies it; false where there is nothing to try.
bool Round::take_libraries() {
  std::vector<fs::path> libraries;
  try {
    libraries = project_.libraries();
  } catch (const Error& error) {
    result_.problems.push_back({"has no plugin", {error.what()}});
    return false;
  }
  for (const fs::path& file : libraries) {
    const plugin::Library library = plugin::examine(file, plugin::this_host());
    if (library.is_refused()) {
      result_.problems.push_back({"is refused", {library.refusal()}});
      continue;
    }
    for (const std::string& warning : library.warnings) {
      result_.warnings.push_back(library.file_name() + ": " + warning);
    }
    BuiltPlugin built{library.note.name, library.note.version, library.sha256(), {}};
    const fs::path folder = folder_ / numbered("library", result_.plugins.size(), "");
    fs::remove_all(folder);  // of the round before
    fs::create_directory(folder);
    built.copy =
        folder / (file.stem().string() + "-" + built.sha256.substr(0, kNameDigits) + ".so");
    fs::copy_file(file, built.copy);
    link_neighbours(file, folder);
    result_.plugins.push_back(std::move(built));
  }
  return result_.succeeded();
}

std::vector<std::string> Round::words(std::vector<std::string> command) const {
  for (const BuiltPlugin& built : result_.plugins) {
    command.insert(command.end(), {"--plugin-path", built.copy.string()});
  }
  command.insert(command.end(), options_.more_words.begin(), options_.more_words.end());
  return command;
}

void Round::add_check_lanes(std::vector<Lane>& lanes) const {
  for (size_t i = 0; i < result_.plugins.size(); ++i) {
    std::vector<std::string> command = kCheckCommand;
    command.insert(command.end(), {result_.plugins[i].copy.string(), "--json"});
    lanes.push_back({{options_.program,
                      words(std::move(command)),
                      folder_ / numbered("check", i, ".json"),
                      folder_ / numbered("check", i, ".txt")}});
  }
}

Lane Round::model_lane() const {
  const std::string config = options_.config.string();
  return {{options_.program,
           words({"model", "summary", config, "--json"}),
           folder_ / "model.json",
           folder_ / "model.txt"},
          {options_.program,
           words({"train",
                  config,
                  "--quiet",
                  "--out",
                  (folder_ / "run").string(),
                  "--stop-after",
                  std::to_string(options_.steps),
                  "--set",
                  "train.log_every=1"}),
           folder_ / "train.txt",
           {}}};
}

bool Round::try_out() {
  said_("checking and training");
  std::vector<Lane> lanes;
  add_check_lanes(lanes);
  const size_t checks = lanes.size();
  if (!options_.config.empty()) lanes.push_back(model_lane());
  const std::vector<JobResult> results = run_jobs(lanes, interrupted_);
  if (results.empty()) return false;
  for (size_t i = 0; i < checks; ++i) read_checks(i, results[i]);
  if (results.size() > checks) {
    read_model(results[checks]);
    read_training(results[checks + 1]);
  }
  return true;
}

void Round::read_checks(size_t plugin, const JobResult& result) {
  result_.times.check = std::max(result_.times.check.value_or(0), result.seconds);
  const auto checks = checks_in(messages_in(folder_ / numbered("check", plugin, ".json")));
  if (!checks) return add_failure("cannot be checked", folder_ / numbered("check", plugin, ".txt"));
  if (!result_.checks) result_.checks.emplace();
  result_.checks->passed += checks->counts.passed;
  result_.checks->failed += checks->counts.failed;
  result_.checks->skipped += checks->counts.skipped;
  if (!checks->failures.empty()) {
    result_.problems.push_back({"fails the conformance suite", checks->failures});
  } else if (!result.succeeded()) {
    add_failure("cannot be checked", folder_ / numbered("check", plugin, ".txt"));
  }
}

void Round::read_model(const JobResult& result) {
  result_.times.model = result.seconds;
  if (result.succeeded())
    result_.model = model_in(messages_in(folder_ / "model.json"), result_.plugins);
  if (!result_.model) add_failure("makes no model", folder_ / "model.txt");
}

void Round::read_training(const JobResult& result) {
  if (!result.was_run()) return;
  result_.times.train = result.seconds;
  if (!result.succeeded()) return add_failure("does not train", folder_ / "train.txt");
  result_.training = steps_in(folder_ / "run");
  if (!result_.training) add_failure("trained no step", folder_ / "train.txt");
}

/// With the errors of a build, or the last lines of what a program said.
void Round::add_failure(const std::string& title, const fs::path& messages) {
  result_.problems.push_back({title, build_errors(messages_in(messages), project_.folder())});
}

}  // namespace mixwright::dev
