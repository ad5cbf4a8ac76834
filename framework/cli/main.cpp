#include <exception>
#include <iostream>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/globals.h"
#include "framework/plugin/crash.h"
#include "framework/plugin/exit.h"

namespace mixwright::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

constexpr const char* kFooter = R"(
Examples:
  mixwright train configs/quickstart.toml --out runs/first
  mixwright train configs/quickstart.toml --set model.stage[0].token_mixer=NAME
  mixwright evaluate runs/first
  mixwright predict runs/first photo.jpg pictures/ --out sheet.png
  mixwright memory runs/first --out keys
  mixwright plugins list --kind token_mixer
  mixwright plugins describe NAME
  mixwright model summary configs/quickstart.toml

Exit code: 0 fine, 1 failed at run time, 2 wrong usage, config or plugin.)";

/// Logs go to standard error, so that standard output is for results alone.
void set_up_logging(const Globals& globals) {
  auto logger = spdlog::stderr_color_mt("mixwright");
  logger->set_pattern("%^%l%$: %v");
  spdlog::set_default_logger(logger);
  spdlog::set_level(globals.quiet ? spdlog::level::warn : spdlog::level::info);
}

/// Several errors of a config are several lines, each on its own.
int report(const std::string& text, int code) {
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::cerr << "mixwright: " << text.substr(begin, end - begin) << "\n";
    begin = end + 1;
  }
  return code;
}

void add_global_options(Command program, Globals& globals) {
  program
      .option("--plugin-path",
              globals.plugin_paths,
              "folder with plugins, or one plugin, searched first; may repeat")
      .type_name("PATH");
  program.flag("--only-plugin-path",
               globals.only_plugin_paths,
               "search nothing but --plugin-path for plugins");
  program.flag("-q,--quiet", globals.quiet, "warnings and errors only");
  program.flag("--json", globals.json, "results as JSON, for programs");
  program.flag("--backtrace", globals.backtrace, "show where an error was thrown");
}

void declare(Command program, Globals& globals) {
  add_global_options(program, globals);
  add_train_command(program, globals);
  add_evaluate_command(program, globals);
  add_predict_command(program, globals);
  add_recall_command(program, globals);
  add_forward_command(program, globals);
  add_features_command(program, globals);
  add_memory_command(program, globals);
  add_plugins_command(program, globals);
  add_dev_command(program, globals);
  add_config_command(program, globals);
  add_data_command(program, globals);
  add_model_command(program, globals);
  add_weights_command(program, globals);
  add_verify_resume_command(program, globals);
  add_plot_command(program, globals);
  add_compare_command(program, globals);
  add_sweep_command(program, globals);
  add_bench_command(program, globals);
  add_bench_side_command(program, globals);
}

int run_program(int argc, char** argv) {
  const ProgramText text{
      "mixwright",
      "Builds, trains and runs networks that are written down in TOML and made of plugins.",
      "mixwright " MIXWRIGHT_VERSION,
      kFooter};
  Globals globals;
  globals.command_line.assign(argv, argv + argc);
  try {
    const bool understood = parse_and_run(
        text,
        argc,
        argv,
        [&](Command program) { declare(program, globals); },
        [&] { set_up_logging(globals); });
    return understood ? globals.exit_code : kWrongUsage;
  } catch (const UsageError& error) {
    return report(error.what(), kWrongUsage);
  } catch (const Error& error) {
    return report(error.what(), kFailed);
  } catch (const c10::Error& error) {
    return report(globals.backtrace ? error.what() : first_line(error.what_without_backtrace()),
                  kFailed);
  } catch (const std::bad_alloc&) {
    return report("out of memory; a smaller batch_size, or fewer or narrower blocks, need less",
                  kFailed);
  } catch (const std::exception& error) {
    return report(first_line(error.what()), kFailed);
  }
}

}  // namespace
}  // namespace mixwright::cli

int main(int argc, char** argv) {
  mixwright::plugin::report_crashes();
  // Everything the program owns is destroyed before this line; see leave().
  mixwright::plugin::leave(mixwright::cli::run_program(argc, argv));
}
