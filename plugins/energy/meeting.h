#pragma once

#include <vector>

#include <mixwright/build_context.h>

namespace mixwright::energy {

/// The layers that a synapse under construction connects; throws Error where there are fewer than
/// `least` or more than `most`.
const std::vector<Shape>& meeting_layers(const BuildContext& context, size_t least, size_t most);

/// Units of a layer without its batch: the product of grid and channels.
int64_t units(const Shape& shape);

}  // namespace mixwright::energy
