#pragma once

#include <string>

#include <mixwright/adaptable.h>

#include "framework/model/network.h"

namespace mixwright::model {

/// A tensor that was made for a network of another size, as the part of the network that owns
/// `name` makes it fit (Adaptable).
/// Throws: Error with the part and its reason where it cannot, or gives something else than is
/// needed.
Adapted adapt_tensor(const Network& network, const std::string& name, const torch::Tensor& value);

}  // namespace mixwright::model
