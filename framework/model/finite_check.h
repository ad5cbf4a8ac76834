#pragma once

#include <string>

#include "framework/model/network.h"

namespace mixwright::model {

/// Runs the network once more and gives the path of the first part whose result holds NaN or
/// infinity, `stages.0.blocks.1.token_mixer`; empty where there is none. Buffers stay as they are.
std::string first_not_finite_part(Network& network, const torch::Tensor& input);

/// The first parameter or buffer of the network that holds NaN or infinity; empty: none.
std::string first_not_finite_tensor(const Network& network);

/// Whether all values are finite; tensors of integers always are.
bool all_finite(const torch::Tensor& tensor);

}  // namespace mixwright::model
