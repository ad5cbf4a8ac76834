#pragma once

#include <filesystem>
#include <vector>

#include "framework/train/checkpoint.h"

namespace mixwright::train {

/// state.toml: where a training stands, and which components its weights belong to.
struct StateFile {
  TrainState state;
  std::vector<ComponentRevision> components;
};

void write_state_file(const std::filesystem::path& path, const StateFile& file);
/// Throws: mixwright::Error that names the file and the entry that is missing or wrong.
StateFile read_state_file(const std::filesystem::path& path);

}  // namespace mixwright::train
