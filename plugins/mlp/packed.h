#pragma once

#include <vector>

#include <mixwright/inference.h>

#include "axis.h"

namespace mixwright::mlp {

/// The form for inference of layers that work along an axis, one after the other: over the tokens
/// they see [batch, C, N], transposed once in front and once behind. Null where the axis cannot
/// take `around` along (a map of channels is none of the tokens), or there is nothing to gain.
template <class Axis>
LayerPtr packed(const std::vector<LayerPtr>& layers,
                const Shape& shape,
                const Surroundings& around);

template <>
LayerPtr packed<TokenAxis>(const std::vector<LayerPtr>& layers,
                           const Shape& shape,
                           const Surroundings& around);
template <>
LayerPtr packed<ChannelAxis>(const std::vector<LayerPtr>& layers,
                             const Shape& shape,
                             const Surroundings& around);

/// A product along the axis as one of these layers; weight [out, in], bias [out] or undefined.
LayerPtr product(const torch::Tensor& weight, const torch::Tensor& bias, const Shape& shape);

}  // namespace mixwright::mlp
