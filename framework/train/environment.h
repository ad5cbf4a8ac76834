#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "framework/plugin/registry.h"

namespace mixwright::train {

/// Under what a session of a training runs.
struct Environment {
  std::vector<std::string> command_line;
  uint64_t seed = 0;
  torch::Device device = torch::kCPU;
  int64_t from_step = 0;
};

/// What the processor calls itself, `AMD EPYC 9655`; "unknown" where the system does not tell.
std::string processor_name();

/// Adds a session to environment.json: versions, plugins with their SHA-256, threads, device, seed,
/// command line and time. Every resume adds one. Warns of plugins that changed since the last.
void record_environment(const std::filesystem::path& path,
                        const Environment& environment,
                        const plugin::Registry& registry);

/// Warns, a line for each, of loaded plugins whose file is not the one that was used in the session
/// that wrote the checkpoint of `step`. Says nothing where no environment.json is.
void compare_environment(const std::filesystem::path& path,
                         int64_t step,
                         const plugin::Registry& registry);

}  // namespace mixwright::train
