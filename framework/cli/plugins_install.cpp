#include <iostream>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>

#include "framework/cli/commands.h"
#include "framework/plugin/install.h"
#include "framework/plugin/sha256.h"

namespace mixwright::cli {

namespace {

using Json = nlohmann::ordered_json;
using Outcome = plugin::Installation::Outcome;

std::filesystem::path own_folder() {
  if (auto folder = plugin::user_folder()) return *folder;
  throw UsageError(
      "there is no user's folder of plugins: neither XDG_DATA_HOME nor HOME names a folder");
}

Json plugin_json(const plugin::InstalledPlugin& plugin, const std::filesystem::path& file) {
  return {{"name", plugin.name},
          {"version", plugin.version},
          {"library", file.string()},
          {"sha256", plugin.sha256},
          {"bytes", plugin.bytes},
          {"installed", plugin.installed}};
}

const char* key_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kInstalled:
      return "installed";
    case Outcome::kReplaced:
      return "replaced";
    case Outcome::kRestored:
      return "restored";
    case Outcome::kSame:
      return "same";
  }
  return "";
}

std::string with_hash(const plugin::InstalledPlugin& plugin) {
  return plugin.version + " (SHA-256 " + plugin::shortened(plugin.sha256) + ")";
}

void print(const plugin::Installation& result) {
  const std::string now = with_hash(result.plugin);
  std::cout << result.plugin.name << " ";
  switch (result.outcome) {
    case Outcome::kInstalled:
      std::cout << now << " installed";
      break;
    case Outcome::kReplaced:
      std::cout << with_hash(*result.before) << " replaced by " << now;
      break;
    case Outcome::kRestored:
      std::cout << now << " had been changed there and is as it was";
      break;
    case Outcome::kSame:
      std::cout << now << " is installed already, nothing was done";
      break;
  }
  std::cout << ": " << result.file.string() << "\n";
}

void install_plugin(const std::string& file, const Globals& globals) {
  const std::filesystem::path folder = own_folder();
  plugin::Registry search;  // without --plugin-path, which is for one call
  search.scan(plugin::SearchOptions());
  const plugin::Installation result = plugin::install(file, folder, search);
  if (!globals.json) return print(result);
  Json json = {{"outcome", key_of(result.outcome)},
               {"plugin", plugin_json(result.plugin, result.file)}};
  if (result.before) json["before"] = plugin_json(*result.before, result.file);
  std::cout << json.dump(2) << "\n";
}

void remove_plugin(const std::string& name, const Globals& globals) {
  const std::filesystem::path folder = own_folder();
  plugin::Registry search;
  search.scan(plugin::SearchOptions());
  const plugin::InstalledPlugin plugin = plugin::remove_installed(name, folder, search);
  const std::filesystem::path file = folder / plugin.file;
  if (globals.json) {
    std::cout << Json{{"removed", plugin_json(plugin, file)}}.dump(2) << "\n";
  } else {
    std::cout << plugin.name << " " << with_hash(plugin) << " removed: " << file.string() << "\n";
  }
}

}  // namespace

void add_plugins_install(Command plugins, Globals& globals) {
  Command command = plugins.subcommand(
      "install", "copy a plugin into the user's folder, where every later call finds it");
  auto file = std::make_shared<std::string>();
  command.option("file", *file, "the plugin's shared library").required();
  command.footer(
      "Its SHA-256 is recorded: a file that was changed afterwards is named by `plugins list` and "
      "whenever it is loaded. `plugins paths` shows the folder.");
  command.run([file, &globals] { install_plugin(*file, globals); });
}

void add_plugins_remove(Command plugins, Globals& globals) {
  Command command =
      plugins.subcommand("remove", "remove what `plugins install` put into the user's folder");
  auto name = std::make_shared<std::string>();
  command.option("name", *name, "the plugin's name").required();
  command.run([name, &globals] { remove_plugin(*name, globals); });
}

}  // namespace mixwright::cli
