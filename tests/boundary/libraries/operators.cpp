// Registers an operator under a name that another plugin takes, too.
#include <torch/library.h>

#include <mixwright/token_mixer.h>

namespace {

torch::Tensor doubled(const torch::Tensor& x) {
  return 2 * x;
}

class Doubles final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return doubled(x); }
};

}  // namespace

TORCH_LIBRARY(boundary_operators, library) {
  library.def("doubled(Tensor x) -> Tensor", &doubled);
}

MIXWRIGHT_PLUGIN(PLUGIN_NAME,
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<Doubles>(PLUGIN_NAME, "doubles by an operator", "no paper"))
