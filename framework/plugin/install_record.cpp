#include "framework/plugin/install_record.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "framework/io/atomic_file.h"

namespace mixwright::plugin {

namespace fs = std::filesystem;

namespace {

using nlohmann::ordered_json;

constexpr const char* kFile = "installed.json";

InstalledPlugin plugin_of(const ordered_json& entry) {
  InstalledPlugin plugin;
  plugin.name = entry.at("name").get<std::string>();
  plugin.version = entry.at("version").get<std::string>();
  plugin.file = entry.at("file").get<std::string>();
  plugin.sha256 = entry.at("sha256").get<std::string>();
  plugin.bytes = entry.at("bytes").get<uint64_t>();
  plugin.installed = entry.at("installed").get<std::string>();
  return plugin;
}

ordered_json entry_of(const InstalledPlugin& plugin) {
  return {{"name", plugin.name},
          {"version", plugin.version},
          {"file", plugin.file},
          {"sha256", plugin.sha256},
          {"bytes", plugin.bytes},
          {"installed", plugin.installed}};
}

}  // namespace

InstallRecord InstallRecord::read(const fs::path& folder) {
  std::ifstream in(folder / kFile);
  if (!in) return {};
  InstallRecord record;
  try {
    const ordered_json all = ordered_json::parse(in);
    for (const ordered_json& entry : all.at("plugins")) record.put(plugin_of(entry));
  } catch (const nlohmann::json::exception&) {
    spdlog::warn(
        "{}: not understood, so that a changed plugin there is not noticed; install the plugins of "
        "that folder again",
        (folder / kFile).string());
    return {};
  }
  return record;
}

void InstallRecord::write(const fs::path& folder) const {
  ordered_json list = ordered_json::array();
  for (const InstalledPlugin& plugin : plugins_) list.push_back(entry_of(plugin));
  const ordered_json all = {{"plugins", std::move(list)}};
  io::write_text_file_atomically(
      folder / kFile, all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

const InstalledPlugin* InstallRecord::find(const std::string& name) const {
  for (const InstalledPlugin& plugin : plugins_) {
    if (plugin.name == name) return &plugin;
  }
  return nullptr;
}

const InstalledPlugin* InstallRecord::find_file(const std::string& file) const {
  for (const InstalledPlugin& plugin : plugins_) {
    if (plugin.file == file) return &plugin;
  }
  return nullptr;
}

void InstallRecord::put(InstalledPlugin plugin) {
  drop(plugin.name);
  const auto place = std::find_if(plugins_.begin(), plugins_.end(), [&](const auto& other) {
    return other.name > plugin.name;
  });
  plugins_.insert(place, std::move(plugin));
}

void InstallRecord::drop(const std::string& name) {
  std::erase_if(plugins_, [&](const InstalledPlugin& plugin) { return plugin.name == name; });
}

}  // namespace mixwright::plugin
