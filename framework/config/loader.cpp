#include "framework/config/loader.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "framework/config/merge.h"
#include "framework/config/override.h"
#include "framework/config/toml_reader.h"

namespace mixwright::config {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kFormat = 1;
constexpr size_t kMaxFiles = 256;

[[noreturn]] void refuse(const SourceLocation& location, const std::string& message) {
  throw UsageError(Diagnostics::Entry{location, message}.text());
}

/// `name` as it stands in `file`, seen from where the program runs.
std::string relative_to(const std::string& file, const std::string& name) {
  const fs::path path(name);
  if (path.is_absolute()) return name;
  return (fs::path(file).parent_path() / path).lexically_normal().string();
}

/// A string or a list of strings.
std::vector<const ConfigValue*> strings_of(const ConfigValue& value, const std::string& key) {
  std::vector<const ConfigValue*> result;
  if (value.is_array()) {
    for (const ConfigValue& item : value.as_array()) result.push_back(&item);
  } else {
    result.push_back(&value);
  }
  for (const ConfigValue* item : result) {
    if (!item->is_string()) {
      refuse(item->location(),
             key + ": a path or a list of paths expected, " + item->described() + " found");
    }
  }
  return result;
}

/// Reads files with all that lies under them.
class Loader {
 public:
  ConfigValue load_file(const std::string& path) {
    if (files_.size() + chain_.size() >= kMaxFiles) {
      throw UsageError(path + ": more than " + std::to_string(kMaxFiles) +
                       " configs lie under one another");
    }
    chain_.push_back({path, identity(path)});
    ConfigValue root = on_its_bases(read_toml_file(path), path);
    files_.push_back(path);
    chain_.pop_back();
    return root;
  }

  ConfigValue on_its_bases(ConfigValue own, const std::string& file) {
    const ConfigValue* extends = own.find("extends");
    if (extends == nullptr) return own;
    ConfigValue result = ConfigValue::table();
    for (const ConfigValue* name : strings_of(*extends, "extends")) {
      const std::string base = relative_to(file, name->as_string());
      check_base(base, *name);
      result = merged(result, load_file(base));
    }
    own.erase("extends");
    return merged(result, own);
  }

  std::vector<std::string> take_files() { return std::move(files_); }

 private:
  struct Link {
    std::string path;
    fs::path identity;
  };

  static fs::path identity(const std::string& path) {
    std::error_code code;
    const fs::path canonical = fs::weakly_canonical(path, code);
    return code ? fs::path(path) : canonical;
  }

  void check_base(const std::string& base, const ConfigValue& name) const {
    std::error_code code;
    if (!fs::exists(base, code)) {
      const std::string seen = base == name.as_string() ? "" : " (it would be " + base + ")";
      refuse(name.location(), "extends " + name.toml() + ": there is no such file" + seen);
    }
    const fs::path id = identity(base);
    const auto first = std::find_if(
        chain_.begin(), chain_.end(), [&](const Link& link) { return link.identity == id; });
    if (first == chain_.end()) return;
    std::string circle;
    for (auto link = first; link != chain_.end(); ++link) circle += link->path + " -> ";
    refuse(name.location(), "extends goes in a circle: " + circle + base);
  }

  std::vector<Link> chain_;
  std::vector<std::string> files_;
};

void check_format(const ConfigValue& root) {
  const ConfigValue* format = root.find("format");
  if (format == nullptr || (format->is_integer() && format->as_integer() == kFormat)) return;
  refuse(format->location(),
         "format = " + format->toml() +
             ": this program reads configs of format = " + std::to_string(kFormat));
}

/// Lays `[model.stage_defaults]` under every stage.
void expand_stage_defaults(ConfigValue& root) {
  ConfigValue* model = root.find("model");
  const ConfigValue* defaults = model == nullptr ? nullptr : model->find("stage_defaults");
  if (defaults == nullptr) return;
  if (!defaults->is_table()) {
    refuse(defaults->location(),
           "model.stage_defaults: a table expected, " + defaults->described() + " found");
  }
  if (ConfigValue* stages = model->find("stage"); stages != nullptr && stages->is_array()) {
    for (ConfigValue& stage : stages->as_array()) {
      if (stage.is_table()) stage = merged(*defaults, stage);
    }
  }
  model->erase("stage_defaults");
}

void finish(LoadedConfig& loaded, const std::vector<std::string>& sets) {
  std::vector<Override> overrides;
  for (const std::string& text : sets) {
    overrides.push_back(parse_override(text));
    if (overrides.back().path.front().key == "extends") {
      throw UsageError(overrides.back().location.text() +
                       ": extends is set in a file only; write a config that extends both");
    }
  }
  apply_overrides(loaded.root, overrides);
  check_format(loaded.root);
  expand_stage_defaults(loaded.root);
}

}  // namespace

LoadedConfig load(const std::string& path, const std::vector<std::string>& sets) {
  LoadedConfig loaded;
  loaded.path = path;
  Loader loader;
  loaded.root = loader.load_file(path);
  loaded.files = loader.take_files();
  finish(loaded, sets);
  return loaded;
}

LoadedConfig load_text(const std::string& text,
                       const std::string& name,
                       const std::vector<std::string>& sets) {
  LoadedConfig loaded;
  loaded.path = name;
  Loader loader;
  loaded.root = loader.on_its_bases(parse_toml(text, name), "");
  loaded.files = loader.take_files();
  finish(loaded, sets);
  return loaded;
}

namespace {

/// A path as it stands in a config: relative to its file, or to where the program runs.
std::string path_of(const ConfigValue& text) {
  const bool in_file = text.location().line > 0;
  return in_file ? relative_to(text.location().file, text.as_string()) : text.as_string();
}

}  // namespace

std::string weight_map_path(const ConfigValue& root) {
  const ConfigValue* model = root.find("model");
  const ConfigValue* map = model == nullptr ? nullptr : model->find("weight_map");
  if (map == nullptr || !map->is_string() || map->as_string().empty()) return "";
  return path_of(*map);
}

std::vector<std::string> plugin_paths(const ConfigValue& root) {
  std::vector<std::string> result;
  const ConfigValue* plugins = root.find("plugins");
  const ConfigValue* path = plugins == nullptr ? nullptr : plugins->find("path");
  if (path == nullptr) return result;
  const auto add = [&](const ConfigValue& item) {
    if (item.is_string()) result.push_back(path_of(item));
  };
  if (path->is_array()) {
    for (const ConfigValue& item : path->as_array()) add(item);
  } else {
    add(*path);
  }
  return result;
}

}  // namespace mixwright::config
