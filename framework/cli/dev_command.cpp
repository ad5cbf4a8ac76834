#include <poll.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/dev/project.h"
#include "framework/dev/round.h"
#include "framework/dev/round_text.h"
#include "framework/dev/screen.h"
#include "framework/dev/source_watcher.h"
#include "framework/io/child_process.h"
#include "framework/io/scratch_folder.h"
#include "framework/plugin/discovery.h"
#include "framework/train/signals.h"

namespace mixwright::cli {

namespace fs = std::filesystem;

namespace {

constexpr int kInterval = 40;  // milliseconds between two looks at the sources

struct DevArguments {
  std::string folder;
  std::string config;
  std::string build;
  int steps = 10;
  bool once = false;
};

fs::path chosen_config(const DevArguments& arguments, const dev::Project& project) {
  if (arguments.config.empty()) return dev::training_config_in(project.folder());
  std::error_code error;
  if (!fs::is_regular_file(arguments.config, error)) {
    throw UsageError(arguments.config +
                     ": no such file; a config with [data] and [train] expected");
  }
  return fs::absolute(arguments.config);
}

/// Rounds, one for each save.
class Dev {
 public:
  Dev(const DevArguments& arguments, const Globals& globals)
      : arguments_(arguments),
        globals_(globals),
        project_(
            dev::Project::open(arguments.folder, arguments.build, plugin::installation_prefix())),
        config_(chosen_config(arguments, project_)),
        screen_("mixwright dev " + project_.folder().string()),
        watcher_(project_.folder(), {config_}) {}

  /// Whether the last round was without fault.
  bool run() {
    bool is_well = false;
    do {
      // A save during a round makes it worthless: it is begun anew.
      while (!one_round(is_well)) {
        if (train::stop_signal() != 0) return is_well;
      }
    } while (!arguments_.once && wait_for_save());
    return is_well;
  }

 private:
  /// False where it was interrupted.
  bool one_round(bool& is_well) {
    if (arguments_.config.empty()) config_ = chosen_config(arguments_, project_);
    const fs::path folder = scratch_.path() / std::to_string(++rounds_);
    dev::RoundOptions options;
    options.config = config_;
    options.steps = arguments_.steps;
    options.more_words = globals_.plugin_words();
    options.program = io::own_program();
    dev::Round round(
        project_,
        std::move(options),
        folder,
        [this] { return train::stop_signal() != 0 || (!arguments_.once && watcher_.look()); },
        [this](const std::string& state) { screen_.show_state(state); });
    std::optional<dev::RoundResult> result = round.run();
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    if (!result) return false;
    add_warnings(*result);
    screen_.show_round(dev::round_lines(*result, watcher_.saved()));
    is_well = result->succeeded();
    return true;
  }

  void add_warnings(dev::RoundResult& result) const {
    if (config_.empty()) {
      result.warnings.emplace_back(
          "nothing is trained: no .toml in the folder or its configs/ has [data] and [train]; name "
          "a config");
    }
    if (watcher_.is_cut_off()) {
      result.warnings.push_back("only the first " + std::to_string(dev::SourceWatcher::kMostFiles) +
                                " files of the folder are watched");
    }
  }

  /// False where a signal came.
  bool wait_for_save() {
    while (train::stop_signal() == 0) {
      if (watcher_.look()) return true;
      ::poll(nullptr, 0, kInterval);
    }
    return false;
  }

  const DevArguments& arguments_;
  const Globals& globals_;
  io::ScratchFolder scratch_{"mixwright-dev"};
  dev::Project project_;
  fs::path config_;
  dev::Screen screen_;
  dev::SourceWatcher watcher_;
  int rounds_ = 0;
};

void run_dev(const DevArguments& arguments, Globals& globals) {
  if (arguments.steps < 1) {
    throw UsageError("--steps " + std::to_string(arguments.steps) + ": 1 or more expected");
  }
  const train::StopSignals signals;
  const bool is_well = Dev(arguments, globals).run();
  if (arguments.once) {
    globals.exit_code =
        train::stop_signal() != 0 ? train::stop_exit_code(train::stop_signal()) : (is_well ? 0 : 1);
  }
}

}  // namespace

void add_dev_command(Command program, Globals& globals) {
  Command command = program.subcommand(
      "dev", "build a plugin's project at every save, check it and train some steps with it");
  auto arguments = std::make_shared<DevArguments>();
  command.option("folder", arguments->folder, "the project: its CMakeLists.txt and sources")
      .required();
  command.option("config",
                 arguments->config,
                 "what to train; the first .toml in the folder, or in its configs/, with [data] "
                 "and [train] where not given");
  command.option("--build", arguments->build, "where it is built; FOLDER/build where not given")
      .type_name("FOLDER");
  command.option("--steps", arguments->steps, "steps of training in each round").show_default();
  command.flag("--once", arguments->once, "one round; the exit code is 0 where nothing is wrong");
  command.footer("Ctrl-C ends it.");
  command.run([arguments, &globals] { run_dev(*arguments, globals); });
}

}  // namespace mixwright::cli
