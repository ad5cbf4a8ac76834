#include "component_name.h"

ComponentName::ComponentName(const Options& options)
    : beta_(register_parameter("beta", torch::full({1}, options.beta))) {}

torch::Tensor ComponentName::forward(const torch::Tensor& x) {
  // Under autocast x may be bfloat16; the answer keeps its type.
  return x * torch::sigmoid(beta_.to(x.scalar_type()) * x);
}

MIXWRIGHT_PLUGIN("component_name",
                 "0.1.0",
                 "Apache-2.0",
                 activation<ComponentName>("component_name",
                                           "x sigmoid(beta x), beta learned",
                                           "your paper"))
