// A static object whose constructor does what no constructor should; STATIC_FAULT says what.
#include <cstdlib>
#include <stdexcept>

#include <mixwright/token_mixer.h>

namespace {

struct Fault {
  Fault() { STATIC_FAULT; }
};
const Fault kFault;

class Good final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return 2 * x; }
};

}  // namespace

MIXWRIGHT_PLUGIN("boundary_static",
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<Good>("boundary_static", "is fine", "no paper"))
