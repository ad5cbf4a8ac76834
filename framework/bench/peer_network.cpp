#include "framework/bench/peer_network.h"

#include <algorithm>
#include <system_error>

#include <mixwright/error.h>

#include "framework/config/toml_reader.h"
#include "framework/plugin/discovery.h"

namespace mixwright::bench {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPackage = "timm";

fs::path shared_folder() {
  return plugin::installation_prefix() / "share" / "mixwright";
}

/// The first of the places that has the file.
std::string found_in(const std::vector<fs::path>& folders,
                     const std::string& name,
                     const SourceLocation& where,
                     Diagnostics& diagnostics) {
  std::string looked;
  for (const fs::path& folder : folders) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / name, ignored)) return fs::absolute(folder / name).string();
    looked += (looked.empty() ? "" : " nor ") + (folder / name).string();
  }
  diagnostics.error(where, "a file expected, but there is neither " + looked);
  return name;
}

}  // namespace

fs::path peer_folder() {
  return shared_folder() / "peers";
}

fs::path weight_map_folder() {
  return shared_folder() / "weight_maps";
}

PeerNetwork read_peer_network(const fs::path& file, const fs::path& maps) {
  const ConfigValue root = config::read_toml_file(file.string());
  Diagnostics diagnostics;
  options::Reader reader;
  reader.diagnostics = &diagnostics;
  auto network = options::read_options<PeerNetwork>(reader, root);
  const fs::path beside = fs::absolute(file).parent_path();
  const auto place = [&](const char* key) {
    const ConfigValue* value = root.find(key);
    return value == nullptr ? root.location() : value->location();
  };
  if (!network.module.empty() && network.module != kPackage) {
    network.module = found_in({beside}, network.module, place("module"), diagnostics);
  }
  // Not the file itself, which may bear the map's name.
  if (!network.weight_map.empty()) {
    std::vector<fs::path> folders = {maps};
    if (network.weight_map != file.filename()) folders.insert(folders.begin(), beside);
    network.weight_map = found_in(folders, network.weight_map, place("weight_map"), diagnostics);
  }
  diagnostics.throw_if_errors();
  return network;
}

std::optional<PeerNetwork> find_peer_network(const fs::path& folder, const std::string& name) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    PeerNetwork network = read_peer_network(file);
    const auto& names = network.networks;
    if (std::find(names.begin(), names.end(), name) != names.end()) return network;
  }
  return std::nullopt;
}

}  // namespace mixwright::bench
