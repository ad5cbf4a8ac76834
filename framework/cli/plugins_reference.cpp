#include <iostream>
#include <string>
#include <vector>

#include <mixwright/option_schema.h>

#include "framework/cli/commands.h"
#include "framework/cli/option_rows.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

namespace {

constexpr const char* kHead = R"(# Reference of all components

Made by `mixwright plugins reference > docs/reference.md` out of what the plugins declare; edit the
declarations, not this page. An option stands beside `type` in the component's table:
`token_mixer = { type = "NAME", option = 5 }`; a string alone takes all defaults.
)";

void print_component(plugin::Registry& registry, const plugin::Offer& offer) {
  const plugin::ComponentFact& fact = *offer.fact;
  const std::string needs = plugin::needs_text(fact.needs);
  std::cout << "### " << fact.name << "\n\n" << fact.summary << "  \n";
  if (!fact.source.empty()) std::cout << "Source: " << fact.source << "  \n";
  std::cout << "Plugin: " << offer.library->note.name << ", revision " << fact.revision
            << ", grid of rank " << plugin::rank_text(fact)
            << (needs.empty() ? "" : ", needs: " + needs) << "\n\n";
  const OptionSchema schema =
      registry.schema(fact.kind, offer.library->note.name + ":" + fact.name);
  if (schema.empty()) {
    std::cout << "No options.\n\n";
  } else {
    std::cout << train::markdown_table(option_rows(schema)) << "\n";
  }
}

void print_reference(Globals& globals) {
  const auto registry = globals.registry();
  std::cout << kHead << "\n";
  for (const std::string& kind : registry->kinds()) {
    std::cout << "- " << kind_words(kind) << " (`" << key_of_kind(kind) << "`):";
    for (const std::string& name : registry->names(kind)) {
      std::cout << (name == registry->names(kind).front() ? " " : ", ") << name;
    }
    std::cout << "\n";
  }
  for (const std::string& kind : registry->kinds()) {
    std::cout << "\n## " << kind_words(kind) << "\n\n";
    for (const plugin::Offer& offer : registry->components(kind)) print_component(*registry, offer);
  }
}

}  // namespace

void add_plugins_reference(Command plugins, Globals& globals) {
  Command command = plugins.subcommand(
      "reference", "all components with their options as Markdown: docs/reference.md");
  command.run([&globals] { print_reference(globals); });
}

}  // namespace mixwright::cli
