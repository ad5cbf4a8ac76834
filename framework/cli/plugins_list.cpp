#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <mixwright/error.h>
#include <mixwright/option_schema.h>

#include "framework/cli/commands.h"
#include "framework/cli/plugins_paths.h"
#include "framework/cli/text_table.h"

namespace mixwright::cli {

namespace {

using Json = nlohmann::ordered_json;

struct ListArguments {
  std::string kind;
  std::vector<std::string> has;
};

/// The offers that the filters leave.
std::vector<plugin::Offer> chosen(const plugin::Registry& registry,
                                  const ListArguments& arguments) {
  std::string kind = kind_of_key(arguments.kind);
  const std::vector<std::string> kinds = registry.kinds();
  if (!kind.empty() && !kinds.empty() &&
      std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
    throw UsageError("no component is of kind \"" + arguments.kind + "\"" +
                     did_you_mean(kind, kinds) + "; see: mixwright plugins list");
  }
  std::vector<plugin::Offer> offers = registry.components(kind);
  std::erase_if(offers, [&](const plugin::Offer& offer) {
    const std::vector<std::string> needs = plugin::needs_keys(offer.fact->needs);
    return std::any_of(arguments.has.begin(), arguments.has.end(), [&](const std::string& key) {
      return std::find(needs.begin(), needs.end(), key) == needs.end();
    });
  });
  return offers;
}

void print_components(const std::vector<plugin::Offer>& offers) {
  std::string kind;
  std::vector<std::vector<std::string>> rows;
  const auto print_kind = [&] {
    if (!rows.empty()) std::cout << kind << "\n" << text_table(rows) << "\n";
    rows.clear();
  };
  for (const plugin::Offer& offer : offers) {
    if (offer.fact->kind != kind) {
      print_kind();
      kind = offer.fact->kind;
    }
    const std::string needs = plugin::needs_text(offer.fact->needs);
    rows.push_back({offer.fact->name,
                    offer.library->note.name,
                    offer.fact->summary + (needs.empty() ? "" : " [" + needs + "]")});
  }
  print_kind();
}

void print_libraries(const plugin::Registry& registry) {
  std::vector<std::vector<std::string>> used;
  std::string refused;
  for (const plugin::Library& library : registry.libraries()) {
    const std::string difference = library.difference_from_record();
    if (library.is_refused()) {
      refused += "  " + library.refusal() + (difference.empty() ? "" : "; it " + difference) + "\n";
      continue;
    }
    used.push_back({library.note.name,
                    library.note.version,
                    library.note.license,
                    std::to_string(library.note.components.size()),
                    library.file.string()});
    for (const std::string& warning : library.warnings) used.back().back() += " (" + warning + ")";
    if (!difference.empty()) used.back().back() += " (" + difference + ")";
  }
  if (!used.empty()) {
    used.insert(used.begin(), {"plugin", "version", "license", "components", "file"});
    std::cout << "plugins\n" << text_table(used);
  }
  if (!refused.empty()) std::cout << (used.empty() ? "" : "\n") << "refused\n" << refused;
}

Json component_json(const plugin::Offer& offer) {
  return {{"kind", offer.fact->kind},
          {"name", offer.fact->name},
          {"plugin", offer.library->note.name},
          {"revision", offer.fact->revision},
          {"needs", plugin::needs_keys(offer.fact->needs)},
          {"grid_rank", {offer.fact->lowest_rank, offer.fact->highest_rank}},
          {"summary", offer.fact->summary},
          {"source", offer.fact->source},
          {"library", offer.library->file.string()}};
}

Json library_json(const plugin::Library& library) {
  std::vector<std::string> warnings = library.warnings;
  if (std::string text = library.difference_from_record(); !text.empty()) {
    warnings.push_back(std::move(text));
  }
  return {{"name", library.note.name},
          {"version", library.note.version},
          {"license", library.note.license},
          {"authors", library.note.authors},
          {"url", library.note.url},
          {"sdk_abi", library.note.sdk_abi},
          {"libtorch", library.note.libtorch},
          {"compiler", library.note.compiler},
          {"library", library.file.string()},
          {"origin", library.origin},
          {"recorded_sha256", library.recorded_sha256},
          {"warnings", warnings}};
}

void print_json(const plugin::Registry& registry, const std::vector<plugin::Offer>& offers) {
  Json result = {{"components", Json::array()},
                 {"plugins", Json::array()},
                 {"refused", Json::array()},
                 {"searched", searched_json(registry)}};
  for (const plugin::Offer& offer : offers) result["components"].push_back(component_json(offer));
  for (const plugin::Library& library : registry.libraries()) {
    if (library.is_refused()) {
      result["refused"].push_back({{"library", library.file.string()}, {"reason", library.reason}});
    } else {
      result["plugins"].push_back(library_json(library));
    }
  }
  std::cout << result.dump(2) << "\n";
}

/// Installed plugins whose file somebody took away.
void warn_of_missing(const Globals& globals) {
  const auto folder = plugin::user_folder();
  if (!folder || globals.only_plugin_paths) return;
  const auto record = plugin::InstallRecord::read(*folder);
  for (const plugin::InstalledPlugin& installed : record.plugins()) {
    std::error_code error;
    if (std::filesystem::exists(*folder / installed.file, error)) continue;
    spdlog::warn(
        "{}: plugin {} was installed there and is gone; install it again, or forget it: mixwright "
        "plugins remove {}",
        (*folder / installed.file).string(),
        installed.name,
        installed.name);
  }
}

void list_plugins(const ListArguments& arguments, Globals& globals) {
  const auto registry = globals.registry();
  warn_of_missing(globals);
  const std::vector<plugin::Offer> offers = chosen(*registry, arguments);
  if (globals.json) return print_json(*registry, offers);
  print_components(offers);
  if (registry->components().empty()) {
    std::cout << "no plugins; looked in\n" << searched_lines(*registry);
  }
  if (arguments.kind.empty() && arguments.has.empty()) print_libraries(*registry);
}

}  // namespace

void add_plugins_list(Command plugins, Globals& globals) {
  Command command = plugins.subcommand(
      "list", "all components and plugins, and what was refused; runs no code of theirs");
  auto arguments = std::make_shared<ListArguments>();
  command.option("--kind", arguments->kind, "only this kind: token_mixer, block, …");
  command.option("--has", arguments->has, "only what has this need; may repeat")
      .choices({"fixed_tokens", "causal", "structure"});
  command.run([arguments, &globals] { list_plugins(*arguments, globals); });
}

}  // namespace mixwright::cli
