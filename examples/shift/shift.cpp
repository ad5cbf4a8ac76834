#include <mixwright/token_mixer.h>

struct ShiftOptions {
  int64_t distance = 1;
};

// Every token adds what the token `distance` places before it has.
class Shift final : public mixwright::TokenMixer {
 public:
  using Options = ShiftOptions;
  Shift(const Options& options, const mixwright::BuildContext&) : distance_(options.distance) {}
  torch::Tensor forward(const torch::Tensor& x) override {  // [batch, *grid, channels]
    return (x + x.flatten(1, -2).roll(distance_, 1).view(x.sizes())).contiguous();
  }

 private:
  int64_t distance_;
};

MIXWRIGHT_OPTIONS(
    ShiftOptions,
    field("distance", &ShiftOptions::distance).at_least(1).doc("how many places tokens look back"))

MIXWRIGHT_PLUGIN("mine",
                 "0.1.0",
                 "Apache-2.0",
                 token_mixer<Shift>("shift", "adds an earlier token", "my notebook, page 3"))
