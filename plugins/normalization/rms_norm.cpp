#include "rms_norm.h"

namespace mixwright::norms {

RmsNorm::RmsNorm(const Options& options, const BuildContext& context)
    : eps_(options.eps),
      weight_(register_parameter("weight", torch::ones({context.shape.channels}))) {}

torch::Tensor RmsNorm::forward(const torch::Tensor& x) {
  return torch::rms_norm(x, weight_.sizes(), weight_, eps_);
}

}  // namespace mixwright::norms
