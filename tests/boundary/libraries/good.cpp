// A plugin without fault, the ground that the bad ones are made from.
#include <mixwright/token_mixer.h>

#if !defined(PLUGIN_NAME)
#define PLUGIN_NAME "boundary_good"
#endif

namespace {

struct ScaleOptions {
  double factor = 2.0;
};
MIXWRIGHT_OPTIONS(ScaleOptions,
                  field("factor", &ScaleOptions::factor)
                      .at_least(0)
                      .at_most(10)
                      .doc("what the features are multiplied with"))

class Scale final : public mixwright::TokenMixer {
 public:
  using Options = ScaleOptions;
  explicit Scale(const Options& options) : factor_(options.factor) {}
  torch::Tensor forward(const torch::Tensor& x) override { return x * factor_; }

 private:
  double factor_;
};

}  // namespace

MIXWRIGHT_PLUGIN(PLUGIN_NAME,
                 "1.2.3",
                 "Apache-2.0",
                 authors("the boundary tests"),
                 token_mixer<Scale>("boundary_scale", "multiplies by a number", "no paper")
                     .revision(4)
                     .needs(mixwright::kCausal)
                     .grid_rank(1, 2))
