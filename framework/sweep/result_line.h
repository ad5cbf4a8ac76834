#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include <mixwright/config_value.h>

#include "framework/sweep/sweep_file.h"
#include "framework/train/comparison.h"

namespace mixwright::sweep {

/// What is known of a row before it is trained.
struct PreparedRow {
  ConfigValue config;         ///< with all defaults said
  std::string config_sha256;  ///< see config_hash
  int64_t epochs = 1;
  int64_t parameters = 0;
  int64_t macs = 0;  ///< multiply-accumulates of one sample
};

/// SHA-256 of what a config says, whatever the order. Rows with the same one differ in the seed
/// alone, or in what changes no result: threads, workers, the folder that the data lie in. Defaults
/// do not go into it, so that a new option of a component leaves what was measured before valid.
std::string config_hash(const ConfigValue& said);

/// What a finished row came to, as a line of data: sweep, row, settings, seed, config_sha256, the
/// decisive metric on validation and test data, all metrics of the test, parameters, macs, seconds,
/// and the processor, precision, threads and versions that it was trained with. What is not known
/// is null.
nlohmann::ordered_json result_line(const Sweep& sweep,
                                   const Row& row,
                                   const PreparedRow& prepared,
                                   const train::RunOutcome& outcome);

}  // namespace mixwright::sweep
