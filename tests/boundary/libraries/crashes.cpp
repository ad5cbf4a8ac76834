// Two good mixers, and between them such as end the process, or never end.
#include <csignal>
#include <cstdlib>

#include <mixwright/token_mixer.h>

namespace {

class Good final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return 2 * x; }
};

class CrashesInCreate final : public mixwright::TokenMixer {
 public:
  CrashesInCreate() {
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  }
  torch::Tensor forward(const torch::Tensor& x) override { return x; }
};

class ExitsInForward final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override {
    std::_Exit(0);
    return x;
  }
};

class NeverEnds final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override {
    for (volatile bool go_on = true; go_on;) {
    }
    return x;
  }
};

/// y = 2 x with a gradient that is not to be had.
class Throwing final : public torch::autograd::Function<Throwing> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* /*context*/,
                               const torch::Tensor& x) {
    return 2 * x;
  }
  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* /*context*/,
      const torch::autograd::variable_list& /*gradients*/) {
    throw std::runtime_error("the planted exception of a gradient");
  }
};

class ThrowsInBackward final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override { return Throwing::apply(x); }
};

}  // namespace

MIXWRIGHT_PLUGIN("boundary_crashes",
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<Good>("good_before", "is fine", "no paper"),
                 token_mixer<CrashesInCreate>("create_segfault", "crashes", "no paper"),
                 token_mixer<ExitsInForward>("forward_exit", "leaves", "no paper"),
                 token_mixer<NeverEnds>("forward_endless", "loops", "no paper"),
                 token_mixer<ThrowsInBackward>("backward_throws", "throws", "no paper"),
                 token_mixer<Good>("good_behind", "is fine", "no paper"))
