#include "weighted_sum.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

#include "rows.h"

namespace mixwright::metamixer {

WeightedSum::WeightedSum(const Options& options, const BuildContext& context) {
  const Shape& value = right_shape(context);
  if (value.tokens() != context.shape.channels) {
    throw Error("each token has " + std::to_string(context.shape.channels) +
                " coefficients, and there are " + std::to_string(value.tokens()) +
                " values; a weighted sum takes as many of each");
  }
  if (options.bias) bias_ = register_parameter("bias", torch::zeros({value.channels}));
  set_out_shape(context.shape.with_channels(value.channels));
}

torch::Tensor WeightedSum::forward(const torch::Tensor& coefficients, const torch::Tensor& value) {
  const torch::Tensor sum = times_rows(coefficients, flatten_grid(value));  // [R, S, d]
  return bias_.defined() ? sum + bias_.to(sum.scalar_type()) : sum;
}

}  // namespace mixwright::metamixer
