#pragma once

#include <mixwright/key_value_memory.h>
#include <mixwright/token_mixer.h>

// Token mixers that break one promise each, and two that keep all. They are small on purpose; what
// is wrong stands in one line.

namespace mutants {

using mixwright::BuildContext;
using mixwright::TokenMixer;
using torch::Tensor;

/// A linear layer over the channels: what most mutants begin with.
class Linear : public TokenMixer {
 public:
  explicit Linear(const BuildContext& context)
      : channels_(context.shape.channels),
        linear_(register_module("linear", torch::nn::Linear(channels_, channels_))) {}
  Tensor forward(const Tensor& x) override { return linear_->forward(x); }

 protected:
  int64_t channels_;
  torch::nn::Linear linear_;
};

/// Draws in training, keeps a running mean, and does both as it should.
class Honest final : public Linear {
 public:
  explicit Honest(const BuildContext& context)
      : Linear(context), mean_(register_buffer("mean", torch::zeros({channels_}))) {}
  Tensor forward(const Tensor& x) override {
    if (is_training()) {
      const torch::NoGradGuard no_grad;
      mean_.lerp_(x.flatten(0, -2).mean(0).to(mean_.scalar_type()), 0.1);
    }
    return torch::dropout(linear_->forward(x - mean_), 0.1, is_training());
  }

 private:
  Tensor mean_;
};

/// Refuses the sizes that it does not take when it is built.
class HonestPairs final : public Linear {
 public:
  explicit HonestPairs(const BuildContext& context) : Linear(context) {
    if (context.shape.grid[0] % 2 == 0) return;
    throw mixwright::Error("grid " + context.shape.text() + ": an even first side expected");
  }
};

#define MUTANT(Name)                          \
  class Name final : public Linear {          \
   public:                                    \
    using Linear::Linear;                     \
    Tensor forward(const Tensor& x) override; \
  }

MUTANT(InPlace);
MUTANT(ExpandsMean);
MUTANT(HiddenRandomness);
MUTANT(AlwaysDrops);
MUTANT(BatchStatistics);
MUTANT(RowsMix);
MUTANT(WrongGradient);
MUTANT(CastsToFloat32);
MUTANT(Float32Constant);
MUTANT(DeviceForgotten);
MUTANT(NanForConstant);
MUTANT(NotContiguous);
MUTANT(OddSizesShrink);
MUTANT(OddSizesThrow);
MUTANT(NotThreadSafe);
MUTANT(KeepsTensors);
MUTANT(LeaksBytes);
MUTANT(BatchOfOne);
MUTANT(DiffersInTraining);
MUTANT(BreaksUnderAutocast);
MUTANT(WrongInBfloat16);
MUTANT(DrawsByItself);
#undef MUTANT

class ReturnsScratch final : public Linear {
 public:
  using Linear::Linear;
  Tensor forward(const Tensor& x) override;

 private:
  Tensor scratch_;
};

class StateNotSaved final : public Linear {
 public:
  using Linear::Linear;
  Tensor forward(const Tensor& x) override;

 private:
  Tensor mean_;
};

class UnusedParameter final : public Linear {
 public:
  explicit UnusedParameter(const BuildContext& context) : Linear(context) {
    register_parameter("unused", torch::ones({channels_}));
  }
};

class OwnRandomDevice final : public Linear {
 public:
  explicit OwnRandomDevice(const BuildContext& context);
};

class OutShapeLies final : public Linear {
 public:
  explicit OutShapeLies(const BuildContext& context) : Linear(context) {
    set_out_shape(context.shape.with_channels(2 * channels_));
  }
};

class ModeStops final : public Linear {
 public:
  using Linear::Linear;
  void train(bool /*on*/) override {}
};

class TokensUndeclared final : public Linear {
 public:
  explicit TokensUndeclared(const BuildContext& context)
      : Linear(context),
        place_(register_parameter("place", torch::randn({context.shape.tokens(), 1}))) {}
  Tensor forward(const Tensor& x) override {
    return linear_->forward((x.flatten(1, -2) + place_).view(x.sizes()));
  }

 private:
  Tensor place_;
};

/// A linear layer with its weights of a moment, times `factor`; it keeps the tensors where
/// `shares`.
class LinearForm final : public mixwright::Layer {
 public:
  LinearForm(const torch::nn::Linear& linear, double factor, bool shares)
      : weight_(shares ? linear->weight : linear->weight * factor), bias_(linear->bias.clone()) {}
  Tensor forward(const Tensor& x) override {
    return torch::nn::functional::linear(x, weight_, bias_);
  }

 private:
  Tensor weight_;
  Tensor bias_;
};

class HonestForm final : public Linear {
 public:
  using Linear::Linear;
  mixwright::LayerPtr for_inference() override {
    return std::make_shared<LinearForm>(linear_, 1.0, /*shares=*/false);
  }
};

class WrongForm final : public Linear {
 public:
  using Linear::Linear;
  mixwright::LayerPtr for_inference() override {
    return std::make_shared<LinearForm>(linear_, 1.001, /*shares=*/false);
  }
};

class SharedForm final : public Linear {
 public:
  using Linear::Linear;
  mixwright::LayerPtr for_inference() override {
    return std::make_shared<LinearForm>(linear_, 1.0, /*shares=*/true);
  }
};

class WrongMemory final : public Linear, public mixwright::KeyValueMemory {
 public:
  using Linear::Linear;
  Tensor coefficients(const Tensor& x, const mixwright::Context&) override { return x; }
  Tensor values() const override { return linear_->weight.detach().t() * 1.001; }
};

}  // namespace mutants
