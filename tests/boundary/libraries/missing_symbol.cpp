// Calls a function that no library defines.
#include <mixwright/token_mixer.h>

namespace boundary {
torch::Tensor defined_nowhere(const torch::Tensor& x);
}

namespace {

class Missing final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return boundary::defined_nowhere(x); }
};

}  // namespace

MIXWRIGHT_PLUGIN("boundary_missing_symbol",
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<Missing>("boundary_missing", "calls what is not there", "no paper"))
