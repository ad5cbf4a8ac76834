// A plugin that links a version of the vendor's static library and multiplies by what it answers.
#include <mixwright/token_mixer.h>

#include "vendor.h"

namespace {

class Answer final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return x * vendor::answer(); }
};

}  // namespace

MIXWRIGHT_PLUGIN(PLUGIN_NAME,
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<Answer>(PLUGIN_NAME, "multiplies by a vendor's answer", "no paper"))
