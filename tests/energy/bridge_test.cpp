// One step of a memory is one block of mixers; see docs/energy.md.

#include <functional>

#include <gtest/gtest.h>

#include "tests/energy/workshop.h"

namespace mixwright::energy {
namespace {

constexpr int64_t kTokens = 6;
constexpr int64_t kChannels = 5;
constexpr int64_t kHiddenTokens = 7;
constexpr int64_t kHiddenChannels = 9;
constexpr double kGamma = 1.3;

struct Setting {
  bool decay = false;
  std::string input = "state";
  double step_size = 1;
  int64_t steps = 1;
  bool bias = true;
  bool asymmetric = false;
};

std::string block_toml(const Setting& setting) {
  const std::string mixer = setting.asymmetric ? "\"asymmetric_mlp\""
                                               : std::string("\"symmetric_mlp\", bias = ") +
                                                     (setting.bias ? "true" : "false");
  return "type = \"parallel\"\nnorm = { type = \"layer_norm\", over = \"all\" }\n"
         "token_mixer = { type = " +
         mixer + ", hidden = 7 }\nchannel_mixer = { type = " + mixer +
         ", hidden = 9 }\nrepeat = " + std::to_string(setting.steps);
}

std::string memory_toml(const Setting& setting) {
  const std::string asymmetric = setting.asymmetric ? ", asymmetric = true } }" : " } }";
  std::string connections =
      "{ layers = [\"t\", \"x\"], synapse = { type = \"shared\", axis = \"tokens\"" + asymmetric +
      ",\n{ layers = [\"c\", \"x\"], synapse = { type = \"shared\", axis = \"channels\"" +
      asymmetric;
  if (setting.bias && !setting.asymmetric) {
    connections += R"(,
{ layers = ["t"], synapse = { type = "current", of = "tokens" } },
{ layers = ["c"], synapse = { type = "current", of = "channels" } },
{ layers = ["x"], synapse = { type = "current", of = "tokens" } },
{ layers = ["x"], synapse = { type = "current", of = "channels" } })";
  }
  return "layer = [\n{ name = \"x\", lagrangian = { type = \"layer_norm\", eps = 1e-6, learned = "
         "\"elementwise\" }, decay = " +
         std::string(setting.decay ? "true" : "false") +
         " },\n{ name = \"t\", tokens = 7, lagrangian = \"gelu\", motion = \"adiabatic\" },\n{ "
         "name = "
         "\"c\", channels = 9, lagrangian = \"gelu\", motion = \"adiabatic\" } ]\nconnection = [ " +
         connections + " ]\ninput = \"" + setting.input +
         "\"\nstep_size = " + ConfigValue(setting.step_size).toml() +
         "\nsteps = " + std::to_string(setting.steps);
}

/// The block's tensors beside the memory's that hold the same.
struct Pair {
  std::string block;
  std::string memory;
  bool column = false;  // the memory's has one more dimension of 1
};

std::vector<Pair> pairs_of(const Setting& setting) {
  if (setting.asymmetric) {
    return {{"token_mixer.fc1.weight", "synapses.0.weight"},
            {"token_mixer.fc2.weight", "synapses.0.asymmetry"},
            {"channel_mixer.fc1.weight", "synapses.1.weight"},
            {"channel_mixer.fc2.weight", "synapses.1.asymmetry"},
            {"norm.bias", "layers.x.affine.shift"}};
  }
  std::vector<Pair> pairs = {{"token_mixer.fc2.weight", "synapses.0.weight"},
                             {"channel_mixer.fc2.weight", "synapses.1.weight"},
                             {"norm.bias", "layers.x.affine.shift"}};
  if (setting.bias) {
    pairs.push_back({"token_mixer.hidden_bias", "synapses.2.bias", true});
    pairs.push_back({"channel_mixer.hidden_bias", "synapses.3.bias"});
    pairs.push_back({"token_mixer.output_bias", "synapses.4.bias", true});
    pairs.push_back({"channel_mixer.output_bias", "synapses.5.bias"});
  }
  return pairs;
}

/// A block and a memory with the same numbers.
struct Twins {
  explicit Twins(const Setting& setting)
      : block(make_block(block_toml(setting), shape({kTokens, kChannels}))),
        memory(make_ham(memory_toml(setting), shape({kTokens, kChannels}))),
        pairs(pairs_of(setting)) {
    auto parameters = block->named_parameters();
    for (const Pair& pair : pairs) {
      const torch::Tensor value = torch::randn_like(parameters[pair.block]) * 0.5;
      set_parameter(*block, pair.block, value);
      set_parameter(*memory, pair.memory, pair.column ? value.unsqueeze(1) : value);
    }
    set_parameter(*block, "norm.weight", torch::full({kTokens, kChannels}, kGamma));
    set_parameter(*memory, "layers.x.affine.gamma", torch::full({1}, kGamma));
    // Nothing is left out on either side.
    EXPECT_EQ(parameters.size(), pairs.size() + 1);
    EXPECT_EQ(memory->named_parameters().size(), pairs.size() + 1);
  }

  LayerPtr block;
  std::shared_ptr<Ham> memory;
  std::vector<Pair> pairs;
};

/// The worst relative error of output and all gradients.
struct Errors {
  double forward = 0;
  double backward = 0;
};

Errors compare(const Twins& twins, torch::ScalarType type) {
  twins.block->to(type);
  twins.memory->to(type);
  const torch::Tensor x = torch::randn({4, kTokens, kChannels}, torch::kFloat64).to(type);
  const torch::Tensor r = torch::randn({4, kTokens, kChannels}, torch::kFloat64).to(type);
  const torch::Tensor ours = x.clone().requires_grad_();
  const torch::Tensor theirs = x.clone().requires_grad_();
  const torch::Tensor from_memory = (*twins.memory)(ours, Context{});
  const torch::Tensor from_block = (*twins.block)(theirs, Context{});
  Errors errors;
  errors.forward = relative_error(from_memory, from_block);
  (from_memory * r).sum().backward();
  (from_block * r).sum().backward();
  errors.backward = relative_error(ours.grad(), theirs.grad());
  const auto of_block = twins.block->named_parameters();
  const auto of_memory = twins.memory->named_parameters();
  for (const Pair& pair : twins.pairs) {
    const torch::Tensor gradient = of_memory[pair.memory].grad();
    errors.backward = std::max(
        errors.backward,
        relative_error(pair.column ? gradient.squeeze(1) : gradient, of_block[pair.block].grad()));
  }
  // One scale for all: its gradient is the sum of those of the block's many.
  const double of_scale = of_block["norm.weight"].grad().sum().item<double>();
  errors.backward =
      std::max(errors.backward,
               std::abs(of_memory["layers.x.affine.gamma"].grad().item<double>() - of_scale) /
                   of_block["norm.weight"].grad().abs().sum().item<double>());
  return errors;
}

void expect_equal(const Setting& setting) {
  torch::manual_seed(21);
  const Twins twins(setting);
  const Errors in_double = compare(twins, torch::kFloat64);
  EXPECT_LT(in_double.forward, 1e-12);
  EXPECT_LT(in_double.backward, 1e-12);
  testing::Test::RecordProperty("forward_double",
                                std::to_string(in_double.forward * 1e16) + "e-16");
  testing::Test::RecordProperty("backward_double",
                                std::to_string(in_double.backward * 1e16) + "e-16");
}

TEST(Bridge, AStepIsAParallelBlockOfSymmetricMixers) {
  expect_equal({});
}

TEST(Bridge, WithoutBiasesToo) {
  expect_equal({.bias = false});
}

TEST(Bridge, InSinglePrecision) {
  torch::manual_seed(22);
  const Twins twins{Setting{}};
  const Errors errors = compare(twins, torch::kFloat32);
  EXPECT_LT(errors.forward, 1e-6);
  EXPECT_LT(errors.backward, 1e-6);
}

TEST(Bridge, StepsAreIterationsWithSharedWeights) {
  expect_equal({.steps = 5});
}

TEST(Bridge, AnInputCurrentWithDecayIsTheBlock) {
  expect_equal({.decay = true, .input = "both"});
}

TEST(Bridge, AsymmetricMixersAreAsymmetricSynapses) {
  expect_equal({.asymmetric = true});
  const auto memory = make_ham(memory_toml({.asymmetric = true}), shape({kTokens, kChannels}));
  EXPECT_FALSE(memory->graph().is_guaranteed());
}

TEST(Bridge, WithDecayHalfAStepIsHalfABlock) {
  torch::manual_seed(23);
  const Twins twins({.decay = true, .step_size = 0.5});
  const torch::NoGradGuard no_grad;
  const torch::Tensor x = torch::randn({4, kTokens, kChannels}, torch::kFloat64);
  const torch::Tensor block = (*twins.block)(x, Context{});  // x + F
  EXPECT_LT(relative_error(2 * (*twins.memory)(x, Context{}), block), 1e-12);
}

TEST(Bridge, NoOtherSettingWithDecayIsTheBlock) {
  const torch::NoGradGuard no_grad;
  for (const double step_size : {0.25, 0.4, 0.6, 1.0}) {
    torch::manual_seed(24);
    const Twins twins({.decay = true, .step_size = step_size});
    const torch::Tensor x = torch::randn({4, kTokens, kChannels}, torch::kFloat64);
    const torch::Tensor block = (*twins.block)(x, Context{});
    const torch::Tensor memory = (*twins.memory)(x, Context{});
    // Not even up to a factor: (1 - s) x + s F is no multiple of x + F.
    const double factor = ((memory * block).sum() / block.square().sum()).item<double>();
    EXPECT_GT(relative_error(memory / factor, block), 1e-2) << step_size;
  }
  for (const double step_size : {0.5, 0.9}) {
    torch::manual_seed(24);
    const Twins twins({.decay = true, .input = "both", .step_size = step_size});
    const torch::Tensor x = torch::randn({4, kTokens, kChannels}, torch::kFloat64);
    EXPECT_GT(relative_error((*twins.memory)(x, Context{}), (*twins.block)(x, Context{})), 1e-2);
  }
}

TEST(Bridge, TheSymmetricBlockHasAnEnergyThatFalls) {
  torch::manual_seed(25);
  Setting setting;
  setting.step_size = 0.01;
  const Twins twins(setting);
  EXPECT_TRUE(twins.memory->graph().is_guaranteed());
  const torch::NoGradGuard no_grad;
  MemoryState state = twins.memory->begin(torch::randn({8, kTokens, kChannels}, torch::kFloat64));
  torch::Tensor energy = twins.memory->graph().energy(state);
  for (int i = 0; i < 200; ++i) {
    state = twins.memory->step(state);
    const torch::Tensor next = twins.memory->graph().energy(state);
    EXPECT_LE((next - energy).max().item<double>(), 1e-12);
    energy = next;
  }
}

TEST(Bridge, AnElementwiseScaleHasAnAsymmetricJacobian) {
  torch::manual_seed(26);
  const auto asymmetry = [](const torch::Tensor& scale) {
    const torch::Tensor x = torch::randn({6}, torch::kFloat64).requires_grad_();
    const torch::Tensor g = torch::layer_norm(x, {6}, {}, {}, 1e-6) * scale;
    std::vector<torch::Tensor> rows;
    for (int64_t i = 0; i < 6; ++i) {
      rows.push_back(torch::autograd::grad({g[i]}, {x}, {}, /*retain_graph=*/true)[0]);
    }
    const torch::Tensor jacobian = torch::stack(rows);
    return relative_error(jacobian, jacobian.t());
  };
  EXPECT_LT(asymmetry(torch::full({6}, 1.7, torch::kFloat64)), 1e-14);
  EXPECT_GT(asymmetry(torch::rand({6}, torch::kFloat64) + 0.5), 0.05);
}

}  // namespace
}  // namespace mixwright::energy
