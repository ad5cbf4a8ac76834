#include "affine_norm.h"

namespace mixwright::norms {

AffineNorm::AffineNorm(const BuildContext& context)
    : weight_(register_parameter("weight", torch::ones({context.shape.channels}))),
      bias_(register_parameter("bias", torch::zeros({context.shape.channels}))) {}

torch::Tensor AffineNorm::forward(const torch::Tensor& x) {
  // Under autocast x may be bfloat16; the answer keeps its type.
  return torch::addcmul(bias_.to(x.scalar_type()), weight_.to(x.scalar_type()), x);
}

}  // namespace mixwright::norms
