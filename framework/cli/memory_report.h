#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include <mixwright/dataset.h>
#include <mixwright/task.h>

#include "framework/train/key_memory.h"
#include "framework/train/key_sheet.h"

namespace mixwright::cli {

/// What `mixwright memory` has found out.
struct MemoryFindings {
  std::string run;
  std::filesystem::path checkpoint;
  int64_t step = 0;
  std::string split;
  train::FoundMemory found;
  train::MemorySurvey survey;
  std::vector<train::KeyRecord> shown;  ///< the keys that are told of
  torch::Tensor effects;                ///< [shown, classes]
  torch::Tensor projected;              ///< [shown, classes], or undefined
};

/// Draws a sheet for each shown key into `folder`, then writes memory.json there, which names them.
/// `drawn` is called before every sheet. Gives what the file says.
nlohmann::ordered_json write_memory(const MemoryFindings& findings,
                                    const Dataset& dataset,
                                    Split split,
                                    const std::filesystem::path& folder,
                                    const std::function<void(int64_t sheet)>& drawn);

/// The shown keys as a table: how strong, how often, which class gains and which loses most.
Table memory_table(const MemoryFindings& findings, const DatasetInfo& info);

}  // namespace mixwright::cli
