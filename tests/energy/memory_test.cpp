// Graphs of any form and the ways in which they move.

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/energy/workshop.h"
#include "tests/support/error_text.h"

namespace mixwright::energy {
namespace {

using testing::HasSubstr;

/// Five layers: a window onto the first, a cycle, and a synapse where three of them meet.
std::string five_layers(const std::string& rest = "") {
  return R"(layer = [
  { name = "picture", lagrangian = "layer_norm" },
  { name = "maps", channels = 3, lagrangian = "relu", time_constant = 0.5 },
  { name = "codes", shape = [5], lagrangian = { type = "softmax", beta = 2 } },
  { name = "words", shape = [2, 3], lagrangian = "tanh", time_constant = 2 },
  { name = "top", shape = [4], lagrangian = "sigmoid" } ]
connection = [
  { layers = ["maps", "picture"], synapse = { type = "convolutional", init_std = 0.2 } },
  { layers = ["codes", "maps"], synapse = { type = "dense", init_std = 0.2 } },
  { layers = ["words", "codes"], synapse = { type = "dense", init_std = 0.5 } },
  { layers = ["top", "words"], synapse = { type = "dense", init_std = 0.5 } },
  { layers = ["top", "picture"], synapse = { type = "dense", init_std = 0.2 } },
  { layers = ["codes", "words", "top"], synapse = { type = "multiway", init_std = 0.5 } } ]
)" + rest;
}

Shape picture() {
  return shape({5, 6, 2});
}

/// dE/dx by autograd against H dE/dg by formulas.
void expect_consistent(const Ham& ham, MemoryState state) {
  for (torch::Tensor& x : state.x) x = x.detach().requires_grad_();
  Tensors inputs;
  const MemoryGraphImpl& graph = ham.graph();
  const Tensors leaves = state.x;
  for (const size_t layer : graph.moving()) inputs.push_back(leaves[layer]);
  graph.complete(state);
  const auto found = torch::autograd::grad({graph.energy(state).sum()}, inputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const size_t layer = graph.moving()[i];
    const torch::Tensor expected = graph.layers()[layer].lagrangian->hessian_product(
        leaves[layer].detach(), graph.slope(state, layer).detach());
    EXPECT_LT(relative_error(found[i], expected), 1e-11) << graph.layers()[layer].name;
  }
}

TEST(Memory, SlopesAreTheEnergysOnAnyGraph) {
  torch::manual_seed(5);
  const auto ham = make_ham(five_layers(), picture());
  expect_consistent(*ham, random_state(*ham));
}

TEST(Memory, SlopesAreTheEnergysWithAdiabaticLayers) {
  torch::manual_seed(6);
  std::string toml = five_layers();
  const std::string words = "time_constant = 2";
  toml.replace(toml.find(words), words.size(), "motion = \"adiabatic\"");
  const auto ham = make_ham(toml, picture());
  EXPECT_EQ(ham->graph().moving().size(), 4u);
  expect_consistent(*ham, random_state(*ham));
}

TEST(Memory, AdiabaticLayersThatSeeOneAnotherComeToRest) {
  torch::manual_seed(7);
  const auto ham = make_ham(R"(layer = [ { name = "v", lagrangian = "layer_norm" },
  { name = "a", shape = [5], lagrangian = "tanh", motion = "adiabatic" },
  { name = "b", shape = [4], lagrangian = "gelu", motion = "adiabatic" } ]
connection = [ { layers = ["a", "v"], synapse = { type = "dense", init_std = 0.5 } },
  { layers = ["a", "b"], synapse = { type = "dense", init_std = 0.3 } } ])",
                            shape({6}));
  const MemoryState state = ham->begin(torch::randn({3, 6}, torch::kFloat64));
  for (const size_t layer : {1, 2}) {
    EXPECT_LT(ham->graph().slope(state, layer).abs().max().item<double>(), 1e-13);
    EXPECT_GT(state.x[layer].abs().max().item<double>(), 1e-3);
  }
  expect_consistent(*ham, state);
}

TEST(Memory, EnergyFallsOnFiveLayers) {
  torch::manual_seed(8);
  const auto ham = make_ham(five_layers("step_size = 0.01"), picture());
  EXPECT_TRUE(ham->graph().is_guaranteed());
  const torch::NoGradGuard no_grad;
  MemoryState state = random_state(*ham);
  torch::Tensor energy = ham->graph().energy(state);
  const torch::Tensor first = energy;
  for (int i = 0; i < 300; ++i) {
    state = ham->step(state);
    const torch::Tensor next = ham->graph().energy(state);
    EXPECT_LE((next - energy).max().item<double>(), 1e-12);
    energy = next;
  }
  EXPECT_LT((energy - first).max().item<double>(), -0.1);
}

TEST(Memory, ClampedLayersStayAndOthersMove) {
  torch::manual_seed(9);
  std::string toml = five_layers("input = \"state\"\noutput_layer = \"top\"");
  toml.replace(toml.find("\"layer_norm\""), 12, "\"layer_norm\", motion = \"clamped\"");
  const auto ham = make_ham(toml, picture());
  EXPECT_EQ(ham->out_shape().text(), "[4]");
  const torch::Tensor input = torch::randn({2, 5, 6, 2}, torch::kFloat64);
  MemoryState state = ham->begin(input);
  for (int i = 0; i < 5; ++i) state = ham->step(state);
  EXPECT_TRUE(state.x[0].equal(input));
  EXPECT_GT(state.x[4].abs().max().item<double>(), 1e-4);
  EXPECT_LT(absolute_error(ham->forward(input),
                           [&] {
                             MemoryState other = ham->begin(input);
                             for (int i = 0; i < 10; ++i) other = ham->step(other);
                             return other.x[4];
                           }()),
            1e-15);
}

TEST(Memory, InTurnEachLayerSeesThoseBeforeIt) {
  torch::manual_seed(10);
  const auto together = make_ham(five_layers("step_size = 0.2"), picture());
  torch::manual_seed(10);
  const auto in_turn = make_ham(five_layers("step_size = 0.2\norder = \"in_turn\""), picture());
  const MemoryState begin = random_state(*together);
  MemoryState expected = begin;
  for (size_t layer = 0; layer < 5; ++layer) {
    const double rate = 0.2 / in_turn->graph().layers()[layer].time_constant;
    expected.x[layer] = expected.x[layer] - rate * in_turn->graph().slope(expected, layer);
    in_turn->graph().complete(expected);
  }
  const MemoryState one = in_turn->step(begin);
  const MemoryState other = together->step(begin);
  for (size_t layer = 0; layer < 5; ++layer) {
    EXPECT_LT(absolute_error(one.x[layer], expected.x[layer]), 1e-14);
  }
  EXPECT_LT(absolute_error(one.x[0], other.x[0]), 1e-14);  // the first sees what it saw
  EXPECT_GT(absolute_error(one.x[4], other.x[4]), 1e-4);
}

TEST(Memory, StopsWhereActivationsDo) {
  torch::manual_seed(11);
  const auto ham =
      make_ham(five_layers("steps = 100000\nstep_size = 0.2\ntolerance = 1e-10"), picture());
  const torch::NoGradGuard no_grad;
  const torch::Tensor input = torch::randn({2, 5, 6, 2}, torch::kFloat64);
  const Descended end =
      descended(ham->graph(), ham->begin(input), {0.2, Order::kTogether, 1e-10}, 100000);
  EXPECT_LT(end.steps, 100000);
  EXPECT_LE(end.change, 1e-10);
  EXPECT_TRUE(ham->forward(input).equal(end.state.x[0]));
  // With decay, dE/dg is then zero: a fixed point of the energy's slope.
  for (size_t layer = 0; layer < 5; ++layer) {
    EXPECT_LT(ham->graph().slope(end.state, layer).abs().max().item<double>(), 1e-6);
  }
}

// Samples of a batch that come to rest after 1 to 69 steps: each ends among the others where it
// ends alone, and takes none of the steps that those take.
TEST(Memory, SamplesSettleEachForItself) {
  torch::manual_seed(14);
  const auto ham = make_ham(R"(layer = [
  { name = "v", lagrangian = "tanh" },
  { name = "a", shape = [6], lagrangian = "gelu", motion = "adiabatic" },
  { name = "b", shape = [5], lagrangian = "tanh", motion = "adiabatic" } ]
connection = [ { layers = ["a", "v"], synapse = { type = "dense", init_std = 0.5 } },
  { layers = ["b", "a"], synapse = { type = "dense", init_std = 0.2 } } ]
steps = 100000
step_size = 0.2
tolerance = 1e-3)",
                            shape({4}));
  const torch::NoGradGuard no_grad;
  // Far apart in size, so that the settled are long at rest when the last one stops.
  const torch::Tensor sizes = torch::tensor({1e-3, 0.1, 1.0, 10.0, 1e4}, torch::kFloat64);
  const torch::Tensor input = torch::randn({5, 4}, torch::kFloat64) * sizes.unsqueeze(1);
  const Descent descent{0.2, Order::kTogether, 1e-3};
  const Descended together = descended(ham->graph(), ham->begin(input), descent, 100000);
  const torch::Tensor shown = ham->forward(input);
  EXPECT_TRUE(shown.equal(together.state.x[0]));
  std::vector<int64_t> steps;
  for (int64_t i = 0; i < input.size(0); ++i) {
    const Descended alone =
        descended(ham->graph(), ham->begin(input.narrow(0, i, 1)), descent, 100000);
    EXPECT_LE(alone.change, 1e-3);
    steps.push_back(alone.steps);
    // What BLAS rounds depends on the batch; what one step more does is 1e-4 and above.
    EXPECT_LT(absolute_error(together.state.x[0].narrow(0, i, 1), alone.state.x[0]), 1e-12) << i;
    EXPECT_LT(absolute_error(together.state.g[1].narrow(0, i, 1), alone.state.g[1]), 1e-12) << i;
  }
  EXPECT_LT(*std::min_element(steps.begin(), steps.end()) + 20, together.steps);
  EXPECT_EQ(*std::max_element(steps.begin(), steps.end()), together.steps);
  // What is shown step by step is what comes out, at every number of steps.
  const auto way = ham->recall(input, together.steps + 3);
  EXPECT_TRUE(way.back().shown.equal(shown));
  EXPECT_FALSE(way[2].shown.equal(shown));
}

TEST(Memory, WithoutDecayActivationsSettleWhileTheStateGrows) {
  torch::manual_seed(12);
  const auto ham = make_ham(R"(layer = [
  { name = "v", lagrangian = "layer_norm", decay = false },
  { name = "h", shape = [16], lagrangian = "relu", motion = "adiabatic" } ]
connection = [ { layers = ["h", "v"], synapse = { type = "dense", init_std = 0.3 } } ]
step_size = 1)",
                            shape({8}));
  const torch::NoGradGuard no_grad;
  MemoryState state = ham->begin(torch::randn({3, 8}, torch::kFloat64));
  const double first = state.x[0].norm().item<double>();
  double change = 0;
  for (int i = 0; i < 3000; ++i) {
    const MemoryState next = ham->step(state);
    change = activation_change(state, next).max().item<double>();
    state = next;
  }
  EXPECT_LT(change, 1e-5);
  EXPECT_GT(state.x[0].norm().item<double>(), 100 * first);
  EXPECT_GT(ham->graph().slope(state, 0).abs().max().item<double>(), 0.1);
}

TEST(Memory, ContinuousTimeIsTheLimitOfSmallSteps) {
  torch::manual_seed(13);
  const auto ham = make_ham(five_layers("step_size = 0.0005"), picture());
  const torch::NoGradGuard no_grad;
  const MemoryState begin = random_state(*ham);
  MemoryState small = begin;
  for (int i = 0; i < 2000; ++i) small = ham->step(small);
  const MemoryState exact = ham->flow(begin, {1.0}).front();
  for (size_t layer = 0; layer < 5; ++layer) {
    EXPECT_LT(relative_error(small.x[layer], exact.x[layer]), 1e-3);
  }
}

TEST(Memory, DenseOutputDoesNotChangeTheSolution) {
  torch::manual_seed(14);
  const auto ham =
      make_ham(five_layers("relative_error = 1e-9\nabsolute_error = 1e-11"), picture());
  const MemoryState begin = random_state(*ham);
  std::vector<double> times;
  for (int i = 0; i <= 40; ++i) times.push_back(0.05 * i);
  const std::vector<MemoryState> many = ham->flow(begin, times);
  EXPECT_TRUE(many.front().x[0].equal(begin.x[0]));
  EXPECT_TRUE(many.back().x[1].equal(ham->flow(begin, {2.0}).front().x[1]));
  // Half way, solved anew from there: what was interpolated is a point of the solution.
  const MemoryState again = ham->flow(many[20], {1.0}).front();
  EXPECT_LT(relative_error(again.x[0], many.back().x[0]), 1e-7);
}

TEST(Memory, ContinuousForwardRunsForStepsTimesStepSize) {
  torch::manual_seed(15);
  const auto ham =
      make_ham(five_layers("solver = \"dopri5\"\nsteps = 5\nstep_size = 0.3"), picture());
  const torch::Tensor input = torch::randn({2, 5, 6, 2}, torch::kFloat64);
  EXPECT_THAT(test::error_text([&] { ham->forward(input); }), HasSubstr("has no gradients"));
  ham->eval();
  EXPECT_TRUE(ham->forward(input).equal(ham->flow(ham->begin(input), {1.5}).front().x[0]));
}

TEST(Memory, RunsInInferenceMode) {
  torch::manual_seed(16);
  const auto ham = make_ham(five_layers(), picture());
  const torch::Tensor input = torch::randn({2, 5, 6, 2}, torch::kFloat64);
  const torch::Tensor expected = ham->forward(input).detach();
  const c10::InferenceMode inference;
  EXPECT_LT(relative_error(ham->forward(input.clone()), expected), 1e-14);  // sums in another order
}

TEST(Memory, RecallTellsStatesAndEnergies) {
  torch::manual_seed(17);
  const auto ham = make_ham(five_layers("output = \"activation\""), picture());
  const torch::Tensor input = torch::randn({2, 5, 6, 2}, torch::kFloat64);
  const std::vector<RecallMoment> moments = ham->recall(input, 4);
  ASSERT_EQ(moments.size(), 5u);
  MemoryState state = ham->begin(input);
  for (size_t i = 0; i < moments.size(); ++i) {
    EXPECT_DOUBLE_EQ(moments[i].time, 0.1 * static_cast<double>(i));
    EXPECT_TRUE(moments[i].shown.equal(state.g[0]));
    EXPECT_TRUE(moments[i].energy.equal(ham->graph().energy(state).detach()));
    state = ham->step(state);
  }
}

TEST(Memory, RefusesGraphsThatDoNotFit) {
  const auto reason = [](const std::string& toml) {
    return test::error_text([&] { make_ham(toml, shape({6})); });
  };
  EXPECT_THAT(reason("layer = []"), HasSubstr("at least one layer"));
  EXPECT_THAT(reason("layer = [{ name = \"a\" }, { name = \"a\" }]"),
              HasSubstr("two layers are called \"a\""));
  EXPECT_THAT(reason("layer = [{ name = \"a.b\" }]"), HasSubstr("no name for a layer"));
  EXPECT_THAT(reason("layer = [{ name = \"visible\" }]\nconnection = [{ layers = [\"visble\"] }]"),
              HasSubstr("there is no layer \"visble\"; did you mean \"visible\"?"));
  EXPECT_THAT(reason("layer = [{ name = \"a\", shape = [7] }]"), HasSubstr("what comes in is [6]"));
  EXPECT_THAT(reason("layer = [{ name = \"a\" , motion = \"adiabatic\"}]"),
              HasSubstr("nothing can be put into it"));
  EXPECT_THAT(reason("layer = [{ name = \"a\" }, { name = \"b\", motion = \"adiabatic\", decay = "
                     "false }]"),
              HasSubstr("comes to rest nowhere"));
  EXPECT_THAT(reason("layer = [{ name = \"a\" }]\ngradient = \"implicit\""),
              HasSubstr("a tolerance above 0"));
  EXPECT_THAT(reason("layer = [{ name = \"a\" }]\ngradient = \"checkpointed\"\ntolerance = 1e-6"),
              HasSubstr("runs all steps"));
  EXPECT_THAT(
      reason("layer = [{ name = \"a\", decay = false }]\ngradient = \"implicit\"\ntolerance "
             "= 1e-6"),
      HasSubstr("without decay may grow for ever"));
  const auto ham = make_ham("layer = [{ name = \"a\" }]", shape({6}));
  EXPECT_THAT(test::error_text([&] { ham->forward(torch::zeros({2, 5}, torch::kFloat64)); }),
              HasSubstr("input [2, 5], the memory was built for [2, 6]"));
}

TEST(Memory, SaysWhenAdiabaticLayersDoNotRest) {
  torch::manual_seed(18);
  const auto ham = make_ham(R"(layer = [ { name = "v" },
  { name = "a", shape = [5], lagrangian = "relu", motion = "adiabatic" },
  { name = "b", shape = [5], lagrangian = "relu", motion = "adiabatic" } ]
connection = [ { layers = ["a", "v"], synapse = { type = "dense", init_std = 3 } },
  { layers = ["a", "b"], synapse = { type = "dense", init_std = 3 } } ])",
                            shape({6}));
  EXPECT_THAT(test::error_text([&] { ham->begin(torch::randn({3, 6}, torch::kFloat64)); }),
              HasSubstr("do not come to rest within 200 sweeps"));
}

}  // namespace
}  // namespace mixwright::energy
