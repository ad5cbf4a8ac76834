#pragma once

#include <string>
#include <vector>

#include "framework/model/network.h"

namespace mixwright::model {

/// The schemes that `model.init` may name: "default" (LibTorch's own of each layer),
/// "truncated_normal" (std 0.02, cut at two, biases zero), "xavier_uniform" (biases zero),
/// "lecun_normal" (std sqrt(1 / fan in), biases zero).
std::vector<std::string> initialization_schemes();

/// Applies a scheme to all weights of two and more dimensions, then lets each part have its own
/// way, inner parts first. Draws from the default generator.
void initialize(Network& network, const std::string& scheme);

}  // namespace mixwright::model
