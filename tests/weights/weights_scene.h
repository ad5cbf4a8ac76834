#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "tests/support/folder.h"
#include "tests/support/program.h"

namespace mixwright::weights {

using Tensors = std::map<std::string, torch::Tensor>;

/// A key list of a real checkpoint: keys/NAME.txt, lines of name, type and shape.
std::vector<std::string> key_lists();
/// Random tensors of those names and shapes.
Tensors random_checkpoint(const std::string& key_list);
/// The config of configs/zoo that is called so.
std::filesystem::path zoo_config(const std::string& name);

/// A folder with weight files, and `mixwright weights` in it.
class WeightsScene {
 public:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const Tensors& tensors) const;
  Tensors read(const std::string& name) const;
  bool exists(const std::string& name) const { return std::filesystem::exists(folder_ / name); }

  /// `mixwright weights WORDS…`, run in the folder.
  test::ProgramResult run(const std::vector<std::string>& words) const;
  /// in.safetensors into out.safetensors for a network of the zoo.
  test::ProgramResult import(const std::string& network,
                             const std::vector<std::string>& more = {}) const;

 private:
  test::TestFolder folder_{"mixwright-weights"};
};

}  // namespace mixwright::weights
