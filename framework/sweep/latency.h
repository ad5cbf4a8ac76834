#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "framework/sweep/sweep_file.h"

namespace mixwright::sweep {

/// Milliseconds that a row's network takes to answer one sample on one thread, in float32 and its
/// form for inference: `{"median": …, "first_quartile": …, "third_quartile": …}`, measured by a
/// `bench` of this program in a process of its own. Weights do not matter to it, so that rows which
/// differ in the seed share it. What was measured stays in `folder`/latency and is not measured
/// again. Null, with a warning, where it cannot be.
nlohmann::ordered_json latency_of(const Row& row,
                                  const std::filesystem::path& folder,
                                  const std::vector<std::string>& more_words);

}  // namespace mixwright::sweep
