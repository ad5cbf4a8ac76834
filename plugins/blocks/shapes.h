#pragma once

#include <string>

#include <mixwright/block.h>

namespace mixwright::blocks {

/// Throws Error where the layer `name` does not give the shape that `why` asks for:
/// `a residual branch must keep the shape`. A null layer keeps it.
void require_same_shape(const std::string& name,
                        const LayerPtr& layer,
                        const Shape& shape,
                        const std::string& why);
void require_same_shape(const std::string& name,
                        const Shape& out,
                        const Shape& in,
                        const std::string& why);

inline constexpr const char* kResidual = "a residual branch must keep the shape";

}  // namespace mixwright::blocks
