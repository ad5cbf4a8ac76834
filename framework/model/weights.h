#pragma once

#include "framework/model/network.h"
#include "framework/model/weight_map.h"

namespace mixwright::model {

/// The network's state by name; the tensors are the network's own.
NamedTensors state_by_name(const Network& network);

/// Copies values into the network. Every name must be one of the network's, with its shape; what
/// is not named stays. Throws Error naming the first tensor that does not fit.
void load_values(Network& network, const NamedTensors& values);

}  // namespace mixwright::model
