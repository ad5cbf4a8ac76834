// Gradients through steps, with less memory, and at the fixed point.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/energy/peak_bytes.h"
#include "tests/energy/workshop.h"
#include "tests/support/error_text.h"

namespace mixwright::energy {
namespace {

using testing::HasSubstr;

/// Contracts: its only fixed point depends on the input, which flows in as a current.
std::string contracting(const std::string& rest) {
  return R"(layer = [ { name = "v", lagrangian = "tanh" },
  { name = "h", shape = [5], lagrangian = "gelu", motion = "adiabatic" },
  { name = "d", shape = [4], lagrangian = "sigmoid", time_constant = 2 } ]
connection = [ { layers = ["h", "v"], synapse = { type = "dense", init_std = 0.2 } },
  { layers = ["d", "v"], synapse = { type = "dense", init_std = 0.2 } },
  { layers = ["h"], synapse = "current" } ]
input = "current"
output = "activation"
step_size = 0.5
)" + rest;
}

struct Gradients {
  torch::Tensor output;
  torch::Tensor input;
  std::vector<torch::Tensor> parameters;
};

Gradients gradients_of(const std::string& toml) {
  torch::manual_seed(31);
  const auto ham = make_ham(toml, shape({3, 2}));
  for (torch::Tensor& parameter : ham->parameters()) {
    const torch::NoGradGuard no_grad;
    parameter.add_(torch::randn_like(parameter) * 0.1);
  }
  const torch::Tensor x = torch::randn({4, 3, 2}, torch::kFloat64).requires_grad_();
  const torch::Tensor r = torch::randn({4, 3, 2}, torch::kFloat64);
  Gradients result;
  result.output = ham->forward(x);
  (result.output * r).sum().backward();
  result.input = x.grad();
  for (const torch::Tensor& parameter : ham->parameters()) {
    EXPECT_TRUE(parameter.grad().defined());
    result.parameters.push_back(parameter.grad());
  }
  return result;
}

void expect_equal(const Gradients& a, const Gradients& b, double bound) {
  EXPECT_LT(relative_error(a.output, b.output), bound);
  EXPECT_LT(relative_error(a.input, b.input), bound);
  ASSERT_EQ(a.parameters.size(), b.parameters.size());
  for (size_t i = 0; i < a.parameters.size(); ++i) {
    EXPECT_LT(relative_error(a.parameters[i], b.parameters[i]), bound) << i;
  }
}

TEST(Training, CheckpointsChangeNothing) {
  for (const int steps : {1, 7, 16}) {
    const std::string rest = "steps = " + std::to_string(steps);
    expect_equal(gradients_of(contracting(rest + "\ngradient = \"checkpointed\"")),
                 gradients_of(contracting(rest)),
                 1e-13);
  }
}

/// Of forward and backward through so many steps, weights and their gradients aside.
double peak_of(int64_t steps, const std::string& rest) {
  torch::manual_seed(35);
  const auto ham =
      make_ham(contracting("steps = " + std::to_string(steps) + "\n" + rest), shape({3, 2}));
  const torch::Tensor x = torch::randn({500, 3, 2}, torch::kFloat64);
  return peak_bytes_of([&] { ham->forward(x).square().sum().backward(); });
}

TEST(Training, MemoryWithCheckpointsGrowsAsTheRootOfTheSteps) {
  const std::string checkpointed = "gradient = \"checkpointed\"";
  const double root = peak_of(1024, checkpointed) / peak_of(64, checkpointed);
  const double linear = peak_of(1024, "") / peak_of(64, "");
  EXPECT_LT(root, 4.5);
  EXPECT_NEAR(linear, 16, 1);
  EXPECT_LT(peak_of(1024, checkpointed), 0.15 * peak_of(1024, ""));
  // Four times the steps are twice the memory, each time.
  for (const int64_t steps : {64, 256}) {
    const double more = peak_of(4 * steps, checkpointed) / peak_of(steps, checkpointed);
    EXPECT_GT(more, 1.5);
    EXPECT_LT(more, 2.2);
  }
  RecordProperty("root", std::to_string(root));
  RecordProperty("linear", std::to_string(linear));
}

TEST(Training, MemoryAtTheFixedPointDoesNotGrow) {
  // A smaller tolerance takes more steps to it.
  const std::string implicit = "gradient = \"implicit\"\ntolerance = ";
  EXPECT_EQ(peak_of(1000, implicit + "1e-3"), peak_of(1000, implicit + "1e-13"));
}

TEST(Training, CheckpointsWorkForAnInputWithoutGradients) {
  torch::manual_seed(32);
  const auto ham = make_ham(contracting("gradient = \"checkpointed\""), shape({3, 2}));
  ham->forward(torch::randn({4, 3, 2}, torch::kFloat64)).sum().backward();
  for (const auto& entry : ham->named_parameters()) {
    EXPECT_TRUE(entry.value().grad().defined()) << entry.key();
  }
}

TEST(Training, TheImplicitGradientIsTheUnrolledOnes) {
  expect_equal(
      gradients_of(contracting("steps = 2000\ntolerance = 1e-13\ngradient = \"implicit\"")),
      gradients_of(contracting("steps = 200")),
      1e-9);
}

TEST(Training, TheImplicitGradientSaysWhereThereIsNoFixedPoint) {
  EXPECT_THAT(test::error_text([] {
                gradients_of(contracting("steps = 3\ntolerance = 1e-13\ngradient = \"implicit\""));
              }),
              HasSubstr("no fixed point after 3 steps"));
}

TEST(Training, TheImplicitGradientTakesNoNanForAFixedPoint) {
  const auto ham =
      make_ham(contracting("steps = 50\ntolerance = 1e-6\ngradient = \"implicit\""), shape({3, 2}));
  torch::Tensor x = torch::zeros({2, 3, 2}, torch::kFloat64);
  x[1][0][0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(test::error_text([&] { ham->forward(x); }), HasSubstr("no fixed point after 50"));
}

TEST(Training, ClampedLayersPassGradientsOn) {
  const std::string clamped = R"(layer = [
  { name = "v", motion = "clamped" },
  { name = "h", shape = [5], lagrangian = "tanh" } ]
connection = [ { layers = ["h", "v"], synapse = { type = "dense", init_std = 0.3 } },
  { layers = ["h", "h"], synapse = { type = "dense", init_std = 0.05 } } ]
output_layer = "h"
step_size = 0.5
)";
  const auto gradient = [&](const std::string& rest) {
    torch::manual_seed(33);
    const auto ham = make_ham(clamped + rest, shape({4}));
    const torch::Tensor x = torch::randn({3, 4}, torch::kFloat64).requires_grad_();
    ham->forward(x).square().sum().backward();
    return std::pair(x.grad(), ham->named_parameters()["synapses.0.weight"].grad());
  };
  const auto unrolled = gradient("steps = 200");
  const auto implicit = gradient("steps = 2000\ntolerance = 1e-13\ngradient = \"implicit\"");
  const auto checkpointed = gradient("steps = 200\ngradient = \"checkpointed\"");
  EXPECT_LT(relative_error(implicit.first, unrolled.first), 1e-9);
  EXPECT_LT(relative_error(implicit.second, unrolled.second), 1e-9);
  EXPECT_LT(relative_error(checkpointed.first, unrolled.first), 1e-13);
  EXPECT_LT(relative_error(checkpointed.second, unrolled.second), 1e-13);
}

TEST(Training, LearnsToRecallWhatItWasShown) {
  torch::manual_seed(34);
  const auto ham = make_ham(R"(layer = [
  { name = "a", shape = [40], lagrangian = "relu" },
  { name = "v", lagrangian = "layer_norm" },
  { name = "b", shape = [40], lagrangian = "relu" } ]
connection = [ { layers = ["a", "v"] }, { layers = ["v", "b"] } ]
input_layer = "v"
output = "activation"
gradient = "checkpointed")",
                            shape({16}));
  torch::Tensor patterns = torch::randn({8, 16}, torch::kFloat64);
  patterns = torch::layer_norm(patterns, {16});
  const torch::Tensor noisy = patterns + 0.5 * torch::randn_like(patterns);
  torch::optim::Adam adam(ham->parameters(), torch::optim::AdamOptions(5e-3));
  const auto error = [&] { return (ham->forward(noisy) - patterns).square().mean(); };
  const double before = error().item<double>();
  for (int i = 0; i < 150; ++i) {
    adam.zero_grad();
    error().backward();
    adam.step();
  }
  EXPECT_LT(error().item<double>(), 0.2 * before);
}

}  // namespace
}  // namespace mixwright::energy
