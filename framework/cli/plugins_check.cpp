#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <mixwright/error.h>

#include "framework/cli/check_run.h"
#include "framework/cli/check_table.h"
#include "framework/cli/commands.h"
#include "framework/io/child_process.h"

namespace mixwright::cli {

namespace {

struct CheckArguments {
  CheckPlan plan;
  bool every_check = false;
  std::string records;  // of the process that runs the checks, and then
  int stop_with = 0;    // the process that started it
};

/// The library `file` as the registry sees it; what cannot be used is refused here.
const plugin::Library& checked_library(const plugin::Registry& registry, const std::string& file) {
  for (const plugin::Library& library : registry.libraries()) {
    std::error_code error;
    if (!std::filesystem::equivalent(library.file, file, error)) continue;
    if (library.is_refused()) throw UsageError(library.refusal());
    return library;
  }
  throw UsageError(file + ": is not found among the libraries; name a shared library");
}

void check_plugin(const CheckArguments& arguments, Globals& globals) {
  if (arguments.stop_with != 0) io::end_with_parent(arguments.stop_with);
  CheckPlan plan = arguments.plan;
  plan.records = arguments.records;
  if (plan.timeout_s < 1) {
    throw UsageError("--timeout " + std::to_string(plan.timeout_s) +
                     ": 1 or more seconds expected");
  }
  std::error_code error;
  if (!std::filesystem::is_regular_file(plan.file, error)) {
    throw UsageError(plan.file + ": no such file; name a plugin's shared library");
  }
  const std::vector<std::string> plugin_words = globals.plugin_words();
  // First in the search, so that it is this file and not an installed one of the same name.
  globals.plugin_paths.insert(globals.plugin_paths.begin(), plan.file);
  const auto registry = globals.registry();
  const plugin::Library& library = checked_library(*registry, plan.file);
  if (!plan.records.empty()) {
    check_in_this_process(plan, library, registry);
    return;
  }

  const CheckTable table(library, arguments.every_check);
  const auto print = [&](const std::string& text) {
    if (!globals.json) std::cout << text << std::flush;  // the checks take their time
  };
  print(check_facts_text(library) + table.head());
  const std::vector<conformance::Report> reports =
      check_in_child(plan, library, plugin_words, [&](const conformance::Report& report) {
        print(table.rows(report));
      });
  print("\n" + check_totals_text(reports));
  if (globals.json) std::cout << check_json_of(library, reports, plan.quick).dump(2) << "\n";
  for (const conformance::Report& report : reports) {
    if (report.count(conformance::Outcome::kFailed) > 0) globals.exit_code = 1;
  }
}

}  // namespace

void add_plugins_check(Command plugins, Globals& globals) {
  Command command = plugins.subcommand(
      "check",
      "load a plugin's library and put each of its components through the conformance suite, in a "
      "process of its own; exit code 1 where a check fails");
  auto arguments = std::make_shared<CheckArguments>();
  command.option("file", arguments->plan.file, "the plugin's shared library").required();
  command.flag("--quick", arguments->plan.quick, "one size of each grid rank, no learning");
  command.flag("--all", arguments->every_check, "show the checks that passed, too");
  command
      .option("--timeout",
              arguments->plan.timeout_s,
              "what one check may take; it is a failure where it takes longer")
      .type_name("SECONDS")
      .show_default();
  command.option("--records", arguments->records, "run the checks here, write them down").hidden();
  command.option("--first", arguments->plan.first, "the component to begin with").hidden();
  command.option("--stop-with", arguments->stop_with, "end when this process does").hidden();
  command.run([arguments, &globals] { check_plugin(*arguments, globals); });
}

}  // namespace mixwright::cli
