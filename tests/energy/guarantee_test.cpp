// What theory promises, on thousands of random memories; and memories without its conditions, whose
// energy rises.

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tests/energy/workshop.h"

namespace mixwright::energy {
namespace {

/// Draws the TOML of memories.
class Sampler {
 public:
  explicit Sampler(uint64_t seed) : random_(seed) {}

  int64_t between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }
  const std::string& one_of(const std::vector<std::string>& words) {
    return words[static_cast<size_t>(between(0, static_cast<int64_t>(words.size()) - 1))];
  }

  /// One visible layer [tokens, channels], hidden ones of any size that see it or one another.
  std::string memory(bool adiabatic) {
    const int64_t hidden = between(1, 4);
    std::string layers = "{ name = \"v\", lagrangian = " + one_of(convex_) + ", time_constant = " +
                         std::to_string(0.5 + 0.1 * static_cast<double>(between(0, 15))) + " }";
    std::string connections;
    std::vector<int64_t> dynamic;
    for (int64_t h = 0; h < hidden; ++h) {
      const bool follows = adiabatic && (h == 0 || between(0, 1) == 0);
      const std::string name = "h" + std::to_string(h);
      layers += ",\n{ name = \"" + name + "\", " + shapes() +
                ", lagrangian = " + one_of(follows ? any_ : convex_) +
                (follows ? ", motion = \"adiabatic\" }" : " }");
      connections += (h > 0 ? ",\n" : "") + to_visible(name);
      if (follows) continue;
      for (const int64_t other : dynamic) {
        connections += ",\n{ layers = [\"" + name + "\", \"h" + std::to_string(other) +
                       "\"], synapse = { type = \"dense\", init_std = 0.5 } }";
      }
      dynamic.push_back(h);
      if (dynamic.size() == 2) {
        connections += ",\n{ layers = [\"h" + std::to_string(dynamic[0]) + "\", \"v\", \"" + name +
                       "\"], synapse = { type = \"multiway\", init_std = 0.3 } }";
      }
    }
    if (between(0, 1) == 0) {
      connections +=
          ",\n{ layers = [\"v\"], synapse = { type = \"memories\", memories = 3, beta = 2, "
          "init_std = 1 } }";
    }
    return "layer = [" + layers + "]\nconnection = [" + connections + "]";
  }

 private:
  std::string shapes() {
    axis_ = between(0, 3);
    if (axis_ == 0) return "tokens = " + std::to_string(between(1, 5));
    if (axis_ == 1) return "channels = " + std::to_string(between(1, 5));
    return "shape = [" + std::to_string(between(1, 6)) + "]";
  }
  std::string to_visible(const std::string& name) const {
    const std::string type = axis_ == 0   ? "\"shared\", axis = \"tokens\""
                             : axis_ == 1 ? "\"shared\", axis = \"channels\""
                             : axis_ == 2 ? "\"shared\", axis = \"tokens\""
                                          : "\"dense\"";
    return "{ layers = [\"" + name + "\", \"v\"], synapse = { type = " + type +
           ", init_std = 0.7 } }";
  }

  const std::vector<std::string> convex_ = {"\"identity\"",
                                            "\"relu\"",
                                            "{ type = \"rectified_polynomial\", power = 3 }",
                                            "{ type = \"softmax\", beta = 3 }",
                                            "\"layer_norm\"",
                                            "{ type = \"layer_norm\", over = \"channels\" }",
                                            "\"spherical_norm\"",
                                            "\"sigmoid\"",
                                            "\"tanh\""};
  const std::vector<std::string> any_ = {
      "\"gelu\"", "\"gelu\"", "\"relu\"", "\"tanh\"", "{ type = \"softmax\", beta = 3 }"};
  std::mt19937_64 random_;
  int64_t axis_ = 0;
};

/// dE/dt along the flow, by autograd of the energy itself, of each sample; and how large its terms
/// are.
std::pair<torch::Tensor, double> energy_rate(const Ham& ham, MemoryState state) {
  const MemoryGraphImpl& graph = ham.graph();
  Tensors moving;
  Tensors rates;
  for (const size_t layer : graph.moving()) {
    rates.push_back(-graph.slope(state, layer) / graph.layers()[layer].time_constant);
  }
  for (const size_t layer : graph.moving()) {
    state.x[layer] = state.x[layer].detach().requires_grad_();
    moving.push_back(state.x[layer]);
  }
  graph.complete(state);
  const auto slopes = torch::autograd::grad({graph.energy(state).sum()}, moving);
  torch::Tensor rate = torch::zeros({2}, torch::kFloat64);
  double scale = 0;
  for (size_t i = 0; i < slopes.size(); ++i) {
    const torch::Tensor terms = (slopes[i] * rates[i]).flatten(1);
    rate = rate + terms.sum(1);
    scale += terms.abs().sum().item<double>();
  }
  return {rate.detach(), scale};
}

void expect_falling(bool adiabatic, uint64_t first_seed) {
  double falls = 0;
  for (uint64_t seed = first_seed; seed < first_seed + 1500; ++seed) {
    Sampler sampler(seed);
    torch::manual_seed(seed);
    const std::string toml = sampler.memory(adiabatic);
    const auto ham = make_ham(toml, shape({sampler.between(2, 4), sampler.between(2, 4)}));
    ASSERT_TRUE(ham->graph().is_guaranteed()) << toml;
    const auto [rate, scale] = energy_rate(*ham, random_state(*ham));
    ASSERT_LE(rate.max().item<double>(), 1e-12 * (1 + scale)) << "seed " << seed << "\n" << toml;
    falls += rate.sum().item<double>() < -1e-6 ? 1 : 0;
  }
  EXPECT_GT(falls, 1400);  // it is not that nothing moves
}

TEST(Guarantee, EnergyFallsWithConvexLagrangians) {
  expect_falling(/*adiabatic=*/false, 1000);
}

TEST(Guarantee, EnergyFallsWithAdiabaticLayersOfAnyLagrangian) {
  expect_falling(/*adiabatic=*/true, 5000);
}

TEST(Guarantee, EnergyFallsAlongWholeTrajectories) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Sampler sampler(seed);
    torch::manual_seed(seed);
    const std::string toml = sampler.memory(seed % 2 == 0) + "\nrelative_error = 1e-8";
    const auto ham = make_ham(toml, shape({3, 3}));
    // Rectified polynomials of third power may run away in finite time; not those here.
    if (toml.find("polynomial") != std::string::npos) continue;
    std::vector<double> times;
    for (int i = 0; i <= 20; ++i) times.push_back(0.05 * i);
    torch::Tensor before;
    for (const MemoryState& state : ham->flow(random_state(*ham), times)) {
      const torch::Tensor energy = ham->graph().energy(state);
      if (before.defined()) {
        EXPECT_LE((energy - before).max().item<double>(),
                  1e-6 * (1 + energy.abs().max().item<double>()))
            << "seed " << seed << "\n"
            << toml;
      }
      before = energy;
    }
  }
}

/// The largest climb of the energy from an earlier, lower point of a trajectory of length `time`.
double climb(const Ham& ham, MemoryState state, double step_size, double time) {
  const torch::NoGradGuard no_grad;
  const Descent descent{step_size, Order::kTogether, 0};
  torch::Tensor lowest = ham.graph().energy(state);
  double largest = 0;
  const auto steps = static_cast<int64_t>(std::lround(time / step_size));
  for (int64_t i = 0; i < steps; ++i) {
    state = stepped(ham.graph(), state, descent);
    const torch::Tensor energy = ham.graph().energy(state);
    largest = std::max(largest, (energy - lowest).max().item<double>());
    lowest = torch::minimum(lowest, energy);
  }
  return largest;
}

/// A climb that is no matter of the step.
void expect_climb(const Ham& ham, const MemoryState& begin, double step_size, double time) {
  const double whole = climb(ham, begin, step_size, time);
  const double half = climb(ham, begin, step_size / 2, time);
  EXPECT_GE(whole, 1e-3);
  EXPECT_GE(half, 1e-3);
  EXPECT_NEAR(half, whole, 0.1 * whole);
  testing::Test::RecordProperty("climb", std::to_string(whole));
  testing::Test::RecordProperty("climb_half", std::to_string(half));
}

TEST(Counterexample, AsymmetricSynapse) {
  torch::manual_seed(1);
  const std::string toml = R"(layer = [ { name = "v", lagrangian = "tanh" },
  { name = "h", shape = [6], lagrangian = "tanh", motion = "adiabatic" } ]
connection = [ { layers = ["h", "v"], synapse = { type = "dense", init_std = 1, asymmetric = )";
  const auto ham = make_ham(toml + "true } } ]", shape({6}));
  EXPECT_FALSE(ham->graph().is_guaranteed());
  expect_climb(*ham, random_state(*ham), 1e-2, 5);
  // The same without its asymmetric part.
  set_parameter(*ham, "synapses.0.asymmetry", torch::zeros({6, 6}));
  EXPECT_LT(climb(*ham, random_state(*ham), 1e-3, 5), 1e-9);
}

TEST(Counterexample, GeluHiddenLayerOfFiniteTimeConstant) {
  torch::manual_seed(3);
  const std::string toml = R"(layer = [ { name = "v", lagrangian = "tanh" },
  { name = "h", shape = [6], lagrangian = "gelu" )";
  const std::string rest =
      "} ]\nconnection = [ { layers = [\"h\", \"v\"], synapse = { type = \"dense\", init_std = 1 } "
      "} ]";
  const auto ham = make_ham(toml + rest, shape({6}));
  EXPECT_FALSE(ham->graph().is_guaranteed());
  MemoryState begin = random_state(*ham);
  begin.x[1] = begin.x[1] - 4;  // where GELU falls
  ham->graph().complete(begin);
  expect_climb(*ham, begin, 1e-2, 5);
  // The same layer at its fixed point.
  const auto follows = make_ham(toml + ", motion = \"adiabatic\" " + rest, shape({6}));
  EXPECT_TRUE(follows->graph().is_guaranteed());
  set_parameter(*follows, "synapses.0.weight", ham->named_parameters()["synapses.0.weight"]);
  EXPECT_LT(climb(*follows, random_state(*follows), 1e-3, 5), 1e-9);
}

/// -sum_k Phi((W g)_k), the energy of adiabatic GELU units over n = gamma LN(x), and its slope.
struct ElementwiseScale {
  torch::Tensor gamma;
  torch::Tensor weight;
  torch::Tensor activation(const torch::Tensor& x) const {
    return torch::layer_norm(x, x.sizes().slice(1), {}, {}, 1e-6) * gamma;
  }
  torch::Tensor energy(const torch::Tensor& g) const {
    const auto phi = make_lagrangian("type = \"gelu\"", shape({weight.size(0)}));
    return -phi->value(torch::linear(g, weight));
  }
  torch::Tensor slope(const torch::Tensor& g) const {
    return -torch::matmul(torch::gelu(torch::linear(g, weight)), weight);
  }
  /// The largest rise of the energy in one step.
  double rise(const torch::Tensor& x, double step) const {
    const torch::Tensor g = activation(x);
    return (energy(activation(x - step * slope(g))) - energy(g)).max().item<double>();
  }
};

TEST(Counterexample, ElementwiseScaleOfTheNorm) {
  torch::manual_seed(4);  // scales from 0.62 to 1.96
  const torch::NoGradGuard no_grad;
  ElementwiseScale flow;
  flow.gamma = torch::exp(torch::randn({8}, torch::kFloat64) * 0.3);
  flow.weight = torch::randn({24, 8}, torch::kFloat64);
  const torch::Tensor x = torch::randn({4000, 8}, torch::kFloat64);
  EXPECT_GE(flow.rise(x, 2e-3), 1e-3);
  EXPECT_GE(flow.rise(x, 1e-3), 1e-3);
  testing::Test::RecordProperty("rise", std::to_string(flow.rise(x, 2e-3)));
  testing::Test::RecordProperty("rise_half", std::to_string(flow.rise(x, 1e-3)));
  flow.gamma =
      torch::full({8}, 1.7, torch::kFloat64);  // one scale: no rise, however small the step
  EXPECT_LE(flow.rise(x, 1e-5), 1e-12);
}

}  // namespace
}  // namespace mixwright::energy
