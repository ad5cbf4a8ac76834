#pragma once

#include <string>
#include <vector>

#include "framework/model/weight_plan.h"

namespace mixwright::cli {

/// Refuses a file whose tensors do not fit: prints all of them as a table on standard error, or as
/// JSON on standard output, and throws an Error that counts them. Does nothing where there are
/// none. `advice` ends the error.
void refuse_faults(const std::vector<model::WeightFault>& faults,
                   const std::string& file,
                   const std::string& network,
                   const std::string& advice,
                   bool json);

}  // namespace mixwright::cli
