#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "framework/io/event_file.h"

namespace mixwright::train {

/// The curves that a line of metrics.jsonl adds to: `train/loss`, `validation/accuracy`,
/// `train/learning_rate`, `train/gradient_norms/stage0` out of a table in the line. Of kinds that
/// are no measurement, none. A value that is not finite stays what it is, TensorBoard marks such
/// points.
std::vector<io::Scalar> scalars_of(const nlohmann::ordered_json& line);

}  // namespace mixwright::train
