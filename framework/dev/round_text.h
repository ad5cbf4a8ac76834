#pragma once

#include <string>
#include <vector>

#include "framework/dev/round.h"

namespace mixwright::dev {

/// What a round came to, a line for each fact: plugins, times, checks, model, training, and what is
/// wrong. `saved` are the files whose save began it.
std::vector<std::string> round_lines(const RoundResult& result,
                                     const std::vector<std::string>& saved);

}  // namespace mixwright::dev
