#include <algorithm>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>
#include <mixwright/option_schema.h>

#include "framework/cli/commands.h"
#include "framework/cli/option_rows.h"
#include "framework/cli/text_table.h"

namespace mixwright::cli {

namespace {

using Json = nlohmann::ordered_json;

struct DescribeArguments {
  std::string name;
  std::string kind;
};

struct Component {
  plugin::Found found;
  OptionSchema schema;
};

/// Every kind in which `name` is offered.
std::vector<std::string> kinds_of(const plugin::Registry& registry, const std::string& name) {
  const size_t colon = name.find(':');
  const std::string component = colon == std::string::npos ? name : name.substr(colon + 1);
  std::set<std::string> kinds;
  for (const plugin::Offer& offer : registry.components()) {
    if (offer.fact->name == component &&
        (colon == std::string::npos || offer.library->note.name == name.substr(0, colon))) {
      kinds.insert(offer.fact->kind);
    }
  }
  return {kinds.begin(), kinds.end()};
}

const plugin::Library* plugin_named(const plugin::Registry& registry, const std::string& name) {
  for (const plugin::Library& library : registry.libraries()) {
    if (!library.is_refused() && library.note.name == name) return &library;
  }
  return nullptr;
}

[[noreturn]] void report_unknown(const plugin::Registry& registry, const std::string& name) {
  for (const plugin::Library& library : registry.libraries()) {
    const bool is_meant = library.note.name == name || library.file_name() == name;
    if (library.is_refused() && is_meant) throw UsageError(library.refusal());
  }
  std::vector<std::string> known;
  for (const plugin::Offer& offer : registry.components()) known.push_back(offer.fact->name);
  throw UsageError("unknown component or plugin \"" + name + "\"" + did_you_mean(name, known) +
                   "; see: mixwright plugins list; " + registry.searched_text());
}

std::string example_line(const Component& component) {
  const plugin::ComponentFact& fact = *component.found.fact;
  const std::string key = key_of_kind(fact.kind);
  for (const OptionSpec& spec : component.schema) {
    const bool is_value = spec.type != OptionType::kTable && spec.type != OptionType::kComponent &&
                          spec.type != OptionType::kLayer;
    if (is_value && !spec.default_value.is_nothing()) {
      return key + " = { type = \"" + fact.name + "\", " + spec.name + " = " +
             spec.default_value.toml() + " }";
    }
  }
  return key + " = \"" + fact.name + "\"";
}

void print_component(const Component& component) {
  const plugin::ComponentFact& fact = *component.found.fact;
  const plugin::Library& library = *component.found.library;
  const std::string needs = plugin::needs_text(fact.needs);
  std::cout << fact.name << ": " << kind_words(fact.kind) << "\n  " << fact.summary << "\n\n";
  std::vector<std::vector<std::string>> rows;
  if (!fact.source.empty()) rows.push_back({"source", fact.source});
  rows.push_back({"needs", needs.empty() ? "nothing of its surroundings" : needs});
  rows.push_back({"grid", "rank " + plugin::rank_text(fact)});
  rows.push_back({"revision", std::to_string(fact.revision)});
  rows.push_back(
      {"plugin", library.note.name + " " + library.note.version + ", " + library.note.license});
  rows.push_back({"file", library.file.string()});
  std::cout << text_table(rows) << "\n";
  if (component.schema.empty()) {
    std::cout << "  it has no options\n";
  } else {
    std::cout << text_table(option_rows(component.schema));
  }
  std::cout << "\n  in a config: " << example_line(component) << "\n";
}

void print_plugin(const plugin::Library& library) {
  std::cout << library.note.name << ": plugin\n\n";
  std::vector<std::vector<std::string>> rows = {{"version", library.note.version},
                                                {"license", library.note.license}};
  if (!library.note.authors.empty()) rows.push_back({"authors", library.note.authors});
  if (!library.note.url.empty()) rows.push_back({"url", library.note.url});
  rows.push_back({"built",
                  "by " + library.note.compiler + " for LibTorch " + library.note.libtorch +
                      ", SDK ABI " + std::to_string(library.note.sdk_abi)});
  rows.push_back({"file", library.file.string()});
  std::cout << text_table(rows) << "\n";
  rows.clear();
  for (const plugin::ComponentFact& fact : library.note.components) {
    rows.push_back({kind_words(fact.kind), fact.name, fact.summary});
  }
  std::cout << text_table(rows);
}

Json component_json(const Component& component) {
  const plugin::ComponentFact& fact = *component.found.fact;
  const plugin::Library& library = *component.found.library;
  return {{"kind", fact.kind},
          {"name", fact.name},
          {"summary", fact.summary},
          {"source", fact.source},
          {"needs", plugin::needs_keys(fact.needs)},
          {"grid_rank", {fact.lowest_rank, fact.highest_rank}},
          {"revision", fact.revision},
          {"plugin", library.note.name},
          {"version", library.note.version},
          {"library", library.file.string()},
          {"options", options_json(component.schema)}};
}

void describe(const DescribeArguments& arguments, Globals& globals) {
  const auto registry = globals.registry();
  std::vector<std::string> kinds = {kind_of_key(arguments.kind)};
  if (arguments.kind.empty()) kinds = kinds_of(*registry, arguments.name);
  if (kinds.empty()) {
    const plugin::Library* library = plugin_named(*registry, arguments.name);
    if (library == nullptr) report_unknown(*registry, arguments.name);
    if (!globals.json) return print_plugin(*library);
  }
  std::vector<Component> components;
  for (const std::string& kind : kinds) {
    components.push_back(
        {registry->find(kind, arguments.name), registry->schema(kind, arguments.name)});
  }
  if (kinds.empty()) {  // --json of a plugin: all that it offers
    for (const plugin::Offer& offer : registry->components()) {
      if (offer.library->note.name != arguments.name) continue;
      const std::string name = arguments.name + ":" + offer.fact->name;
      components.push_back(
          {registry->find(offer.fact->kind, name), registry->schema(offer.fact->kind, name)});
    }
  }
  if (globals.json) {
    Json list = Json::array();
    for (const Component& component : components) list.push_back(component_json(component));
    std::cout << list.dump(2) << "\n";
    return;
  }
  for (const Component& component : components) {
    if (&component != &components.front()) std::cout << "\n";
    print_component(component);
  }
}

}  // namespace

void add_plugins_describe(Command plugins, Globals& globals) {
  Command command = plugins.subcommand(
      "describe", "options, source and needs of a component; or what a plugin offers");
  auto arguments = std::make_shared<DescribeArguments>();
  command.option("name", arguments->name, "component, plugin:component, or plugin").required();
  command.option("--kind", arguments->kind, "the kind meant, where several have the name");
  command.run([arguments, &globals] { describe(*arguments, globals); });
}

}  // namespace mixwright::cli
