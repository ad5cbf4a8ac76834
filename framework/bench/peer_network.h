#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <mixwright/options.h>

namespace mixwright::bench {

/// How networks of ours are found on the other side: a TOML file beside the Python programs.
struct PeerNetwork {
  std::vector<std::string> networks;
  std::string module;
  std::string weight_map;
  std::vector<std::string> sets;
};

MIXWRIGHT_OPTIONS(
    PeerNetwork,
    field("networks", &PeerNetwork::networks)
        .required()
        .doc("names of configs, which are the names there, too"),
    field("module", &PeerNetwork::module)
        .required()
        .doc("timm, or a Python file beside this one with create(name)"),
    field("weight_map", &PeerNetwork::weight_map)
        .doc("map from its names to ours: a file beside this one or among the maps that come "
             "along; left out: the names are the same"),
    field("set", &PeerNetwork::sets)
        .doc("overrides of the config without which it is not the same network"))

/// Where the Python programs lie, and these files beside them.
std::filesystem::path peer_folder();

/// Where the weight maps that come along lie.
std::filesystem::path weight_map_folder();

/// Reads such a file and makes its paths whole; `maps` is where weight maps are looked for that do
/// not lie beside it. Throws: UsageError with every fault and its place.
PeerNetwork read_peer_network(const std::filesystem::path& file,
                              const std::filesystem::path& maps = weight_map_folder());

/// Who has a network of this name; nothing where nobody has.
std::optional<PeerNetwork> find_peer_network(const std::filesystem::path& folder,
                                             const std::string& name);

}  // namespace mixwright::bench
