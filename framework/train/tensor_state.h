#pragma once

#include <map>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "framework/model/network.h"

namespace mixwright::train {

/// Copies saved values into the tensors of the same name. `owner` begins the errors:
/// "the optimizer's state".
/// Throws: mixwright::Error naming the first tensor that is missing or of another shape.
void restore_tensors(const std::vector<model::NamedTensor>& own,
                     const std::map<std::string, torch::Tensor>& saved,
                     const std::string& owner);

}  // namespace mixwright::train
