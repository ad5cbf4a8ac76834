#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>
#include <mixwright/option_schema.h>

#include "framework/cli/commands.h"
#include "framework/plugin/discovery.h"
#include "framework/plugin/new_project.h"

namespace mixwright::cli {

namespace {

struct NewArguments {
  std::string name;
  std::string kind = "token_mixer";
  std::string out;
};

/// `a token mixer`, `an activation`.
std::string with_article(const std::string& kind) {
  const std::string words = kind_words(kind);
  return (std::string("aeiou").find(words.front()) == std::string::npos ? "a " : "an ") + words;
}

/// A name that a plugin or a component of the kind has already would have to be changed at once.
void refuse_taken(const plugin::Registry& registry, const plugin::NewProject& project) {
  for (const plugin::Library& library : registry.libraries()) {
    if (library.is_refused() || library.note.name != project.name) continue;
    throw UsageError("a plugin is called \"" + project.name + "\" already (" +
                     library.file.string() + "); take another name");
  }
  for (const plugin::Offer& offer : registry.components(project.kind)) {
    if (offer.fact->name != project.name) continue;
    throw UsageError(with_article(project.kind) + " is called \"" + project.name +
                     "\" already, in plugin " + offer.library->note.name + " (" +
                     offer.library->file.string() + "); take another name");
  }
}

void write_project(const NewArguments& arguments, Globals& globals) {
  plugin::NewProject project;
  project.name = arguments.name;
  std::string kind = arguments.kind;
  std::replace(kind.begin(), kind.end(), '-', '_');
  project.kind = kind_of_key(kind);
  project.folder = arguments.out.empty() ? arguments.name : arguments.out;
  refuse_taken(*globals.registry(), project);
  plugin::write_new_project(project);
  const std::string folder = project.folder.string();
  const std::string sdk = (plugin::installation_prefix() / "lib" / "cmake" / "Mixwright").string();
  if (globals.json) {
    const nlohmann::ordered_json json = {
        {"name", project.name}, {"kind", project.kind}, {"folder", folder}, {"mixwright_dir", sdk}};
    std::cout << json.dump(2) << "\n";
    return;
  }
  std::cout << "wrote " << folder << ", " << with_article(project.kind) << "; its maths stand in "
            << folder << "/" << project.name << ".cpp\n\n"
            << "  cd " << folder << "\n"
            << "  cmake -S . -B build -G Ninja -DMixwright_DIR=" << sdk << "\n"
            << "  ninja -C build && ctest --test-dir build\n"
            << "  mixwright --plugin-path build/lib" << project.name << ".so train configs/"
            << project.name << ".toml --out runs/first\n";
  if (!std::filesystem::exists(sdk)) {
    std::cout << "\nThis program is not installed, so there is no SDK at that place yet: run cmake "
                 "--install build --prefix FOLDER and take FOLDER/lib/cmake/Mixwright.\n";
  }
}

}  // namespace

void add_plugins_new(Command plugins, Globals& globals) {
  Command command = plugins.subcommand(
      "new", "write a complete project for a plugin of your own: it builds and passes as it is");
  auto arguments = std::make_shared<NewArguments>();
  command.option("name", arguments->name, "of plugin, component and folder, for example my_mixer")
      .required();
  command
      .option("--kind",
              arguments->kind,
              "token_mixer, channel_mixer, normalization, activation, projection, interaction, "
              "block, embedding, head, network, dataset, transform, task, lagrangian or "
              "synapse")
      .show_default();
  command.option("--out", arguments->out, "the folder to make; ./NAME where not given");
  command.run([arguments, &globals] { write_project(*arguments, globals); });
}

}  // namespace mixwright::cli
