#pragma once

#include <optional>
#include <string>

#include <mixwright/config_value.h>

namespace mixwright::train {

/// Where two resolved configs first say different things that a resumed training must not change.
struct ConfigDifference {
  std::string path;  ///< `train.batch_size`
  std::string before;
  std::string now;
};

/// May change between the parts of one training: the name, where plugins lie, and of [train] the
/// device, threads, workers, prefetch, checkpoint and log_every, which change no result. What is
/// true of devices and threads up to rounding only is warned of elsewhere.
std::optional<ConfigDifference> first_difference(const ConfigValue& before, const ConfigValue& now);

/// Whether it is one of those settings, by its path.
bool changes_no_result(const std::string& path);

}  // namespace mixwright::train
