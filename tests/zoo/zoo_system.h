#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "framework/draw/outline.h"

namespace mixwright {

/// One network of a system, counted and outlined without memory.
struct ZooNetwork {
  std::filesystem::path file;
  draw::Outline outline;
  std::string input;  ///< `[224,224,3]`, as published counts name it
};

/// A system of the zoo, as docs/zoo.toml and the configs tell it.
struct ZooSystem {
  std::string folder;
  std::string title;
  std::string paper;
  std::string arxiv;
  std::string code;
  std::vector<ZooNetwork> networks;  ///< its published sizes, or what golden cases there are
  bool is_published = false;         ///< whether they are of configs/zoo
  std::map<std::string, std::set<std::string>> components;  ///< by kind

  /// The network with the fewest parameters: the one that is drawn.
  const ZooNetwork& smallest() const;
};

/// All of them, in the order of docs/zoo.toml.
std::vector<ZooSystem> zoo_systems();

}  // namespace mixwright
