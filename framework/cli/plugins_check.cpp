#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <mixwright/conformance.h>
#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/cli/text_table.h"
#include "framework/config/toml_reader.h"
#include "framework/model/factory.h"

namespace mixwright::cli {

namespace {

using Json = nlohmann::ordered_json;
using conformance::Outcome;

struct CheckArguments {
  std::string file;
  bool every_check = false;
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

void print_facts(const plugin::Library& library) {
  const plugin::PluginNote& note = library.note;
  std::cout << note.name << " " << note.version << "\n"
            << text_table(
                   {{"license", note.license},
                    {"file", library.file.string()},
                    {"sha256", library.sha256()},
                    {"SDK ABI", std::to_string(note.sdk_abi)},
                    {"LibTorch", note.libtorch},
                    {"built",
                     "by " + note.compiler + " with " + note.standard_library + ", sanitizer " +
                         note.sanitizer + ", assertions " + note.assertions}});
  for (const std::string& warning : library.warnings) std::cout << "  warning: " << warning << "\n";
  std::cout << "\n" << std::flush;  // the checks take their time
}

conformance::Report check_component(const plugin::Found& found, const ComponentFactory& factory) {
  conformance::Subject subject;
  subject.entry = found.entry;
  subject.name = found.library->note.name + ":" + found.fact->name;
  subject.factory = &factory;
  if (*found.entry->sample != '\0') {
    subject.example = config::parse_toml(found.entry->sample, "example of " + subject.name);
  }
  return conformance::check(subject);
}

Json report_json(const conformance::Report& report) {
  Json checks = Json::array();
  for (const conformance::Check& check : report.checks) {
    const char* outcome = check.outcome == Outcome::kPassed   ? "passed"
                          : check.outcome == Outcome::kFailed ? "failed"
                                                              : "skipped";
    checks.push_back({{"name", check.name}, {"outcome", outcome}, {"detail", check.detail}});
  }
  return {{"kind", report.kind}, {"component", report.component}, {"checks", std::move(checks)}};
}

void check_plugin(const CheckArguments& arguments, Globals& globals) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(arguments.file, error)) {
    throw UsageError(arguments.file + ": no such file; name a plugin's shared library");
  }
  // First in the search, so that it is this file and not an installed one of the same name.
  globals.plugin_paths.insert(globals.plugin_paths.begin(), arguments.file);
  const auto registry = globals.registry();
  const plugin::Library& library = checked_library(*registry, arguments.file);
  if (!globals.json) print_facts(library);

  // The suite's tensors are tiny: on a busy machine threads would only wait for each other.
  at::set_num_threads(1);
  const model::PartFactory factory(registry, ConfigValue());
  size_t totals[3] = {};
  Json reports = Json::array();
  for (const plugin::ComponentFact& fact : library.note.components) {
    const plugin::Found found = registry->find(fact.kind, library.note.name + ":" + fact.name);
    const conformance::Report report = check_component(found, factory);
    for (const conformance::Check& check : report.checks) {
      ++totals[static_cast<size_t>(check.outcome)];
    }
    if (globals.json) {
      reports.push_back(report_json(report));
    } else {
      std::cout << conformance::text(report, arguments.every_check) << std::flush;
    }
  }
  if (globals.json) {
    std::cout << reports.dump(2) << "\n";
  } else {
    std::cout << "\n"
              << library.note.components.size() << " components: " << totals[0]
              << " checks passed, " << totals[1] << " failed, " << totals[2] << " skipped\n";
  }
  if (totals[static_cast<size_t>(Outcome::kFailed)] > 0) globals.exit_code = 1;
}

}  // namespace

void add_plugins_check(Command plugins, Globals& globals) {
  Command command = plugins.subcommand(
      "check",
      "load a plugin's library and put each of its components through the conformance "
      "suite");
  auto arguments = std::make_shared<CheckArguments>();
  command.option("file", arguments->file, "the plugin's shared library").required();
  command.flag("--all", arguments->every_check, "show the checks that passed, too");
  command.run([arguments, &globals] { check_plugin(*arguments, globals); });
}

}  // namespace mixwright::cli
