#include "tests/zoo/zoo_system.h"

#include <algorithm>

#include <mixwright/error.h>

#include "framework/config/loader.h"
#include "framework/config/toml_reader.h"
#include "framework/draw/drawing.h"
#include "tests/support/paths.h"

namespace mixwright {

namespace fs = std::filesystem;

namespace {

/// `shared`: a file that is no network of its own.
std::vector<fs::path> configs_in(const fs::path& folder, const std::string& shared) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".toml" && file.path().filename() != shared) {
      files.push_back(file.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void add_network(ZooSystem& system, const fs::path& file) {
  const config::LoadedConfig loaded = config::load(file.string());
  const auto factory = test::factory(loaded.root);
  Diagnostics diagnostics;
  const config::RunConfig config = config::read_config(loaded.root, *factory, diagnostics);
  diagnostics.throw_if_errors();
  ZooNetwork network{file, {}, ""};
  network.outline =
      draw::outline(config, model::input_signal(config, nullptr), *factory, file.stem().string());
  for (const int64_t size : config.model.input->shape) {
    network.input += (network.input.empty() ? "[" : ",") + std::to_string(size);
  }
  network.input += "]";
  system.networks.push_back(std::move(network));
  for (const auto& used : factory->used()) system.components[used.kind].insert(used.name);
}

std::string said(const ConfigValue& table, const std::string& system, const char* key) {
  const ConfigValue* value = table.find(key);
  if (value == nullptr || !value->is_string()) {
    throw Error("docs/zoo.toml: [" + system + "] lacks " + key + " = \"…\"");
  }
  return value->as_string();
}

void require_all_named(const ConfigValue& root, const std::vector<fs::path>& folders) {
  for (const fs::path& folder : folders) {
    for (const auto& system : fs::directory_iterator(folder)) {
      if (!system.is_directory() || root.find(system.path().filename().string()) != nullptr)
        continue;
      throw Error("docs/zoo.toml has no [" + system.path().filename().string() + "], of which " +
                  fs::relative(folder, test::source_dir()).string() +
                  " has configs; add it with title, paper, arxiv and code");
    }
  }
}

}  // namespace

const ZooNetwork& ZooSystem::smallest() const {
  return *std::min_element(networks.begin(), networks.end(), [](const auto& a, const auto& b) {
    return a.outline.parameters < b.outline.parameters;
  });
}

std::vector<ZooSystem> zoo_systems() {
  const fs::path source = test::source_dir();
  const fs::path published = source / "configs" / "zoo";
  const fs::path golden = source / "tests" / "golden" / "configs";
  const ConfigValue root = config::read_toml_file((source / "docs" / "zoo.toml").string());
  require_all_named(root, {published, golden});
  std::vector<ZooSystem> systems;
  for (const ConfigValue::Entry& entry : root.as_table()) {
    ZooSystem system;
    system.folder = entry.key;
    system.title = said(entry.value, entry.key, "title");
    system.paper = said(entry.value, entry.key, "paper");
    system.arxiv = said(entry.value, entry.key, "arxiv");
    system.code = said(entry.value, entry.key, "code");
    std::vector<fs::path> files = configs_in(published / entry.key, "base.toml");
    system.is_published = !files.empty();
    if (files.empty()) files = configs_in(golden / entry.key, "");
    if (files.empty()) throw Error("docs/zoo.toml: [" + entry.key + "] has no configs; remove it");
    for (const fs::path& file : files) add_network(system, file);
    systems.push_back(std::move(system));
  }
  return systems;
}

}  // namespace mixwright
