// Units of two values, and patterns that are stored as they are.

#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/energy/workshop.h"
#include "tests/support/error_text.h"

namespace mixwright::energy {
namespace {

using testing::HasSubstr;

/// A memory of `patterns` patterns of 12 units, with the Lagrangian of its hidden layer.
std::string storing(int64_t patterns, const std::string& lagrangian, const std::string& rest = "") {
  return R"(layer = [{ name = "v" }, { name = "k", motion = "adiabatic", shape = [)" +
         std::to_string(patterns) + "], lagrangian = " + lagrangian + R"( }]
connection = [{ layers = ["k", "v"], stored = true }]
solver = "flips"
order = "in_turn"
)" + rest;
}

torch::Tensor signs(const std::vector<int64_t>& sizes) {
  return torch::randint(2, sizes, torch::kFloat64) * 2 - 1;
}

/// One sweep by the rule as it is written in arXiv:1606.01164 eq. 3, unit by unit.
std::vector<double> swept_by_hand(std::vector<double> x,
                                  const torch::Tensor& patterns,
                                  const std::function<double(double)>& f) {
  const auto m = patterns.accessor<double, 2>();
  for (size_t i = 0; i < x.size(); ++i) {
    double sum = 0;
    for (int64_t k = 0; k < patterns.size(0); ++k) {
      double others = 0;
      for (size_t j = 0; j < x.size(); ++j) {
        if (j != i) others += m[k][static_cast<int64_t>(j)] * x[j];
      }
      const double own = m[k][static_cast<int64_t>(i)];
      sum += f(own + others) - f(-own + others);
    }
    if (sum != 0) x[i] = sum > 0 ? 1 : -1;
  }
  return x;
}

void expect_the_papers_rule(const std::string& lagrangian, const std::function<double(double)>& f) {
  torch::manual_seed(3);
  const torch::Tensor patterns = signs({9, 12});
  const auto ham = make_ham(storing(9, lagrangian, "steps = 1"), shape({12}));
  ham->store(patterns);
  const torch::NoGradGuard no_grad;
  const torch::Tensor cues = signs({50, 12});
  const torch::Tensor answers = ham->forward(cues);
  EXPECT_FALSE(answers.equal(cues));
  for (int64_t i = 0; i < cues.size(0); ++i) {
    const double* begin = cues[i].const_data_ptr<double>();
    const std::vector<double> expected = swept_by_hand({begin, begin + 12}, patterns, f);
    EXPECT_TRUE(answers[i].equal(torch::tensor(expected, torch::kFloat64))) << lagrangian << i;
  }
}

TEST(Flips, AreTheRuleOfDenseAssociativeMemory) {
  expect_the_papers_rule("{ type = \"polynomial\", power = 2 }", [](double h) { return h * h; });
  expect_the_papers_rule("{ type = \"polynomial\", power = 3 }",
                         [](double h) { return h * h * h; });
  expect_the_papers_rule("{ type = \"polynomial\", power = 4 }",
                         [](double h) { return std::pow(h, 4); });
  expect_the_papers_rule("{ type = \"rectified_polynomial\", power = 3 }",
                         [](double h) { return h > 0 ? h * h * h : 0.0; });
}

// The logarithm of the sum of exponentials does not change which energy is the lower one.
TEST(Flips, OfSoftmaxAreTheRuleOfExponentials) {
  expect_the_papers_rule("\"softmax\"", [](double h) { return std::exp(h); });
  expect_the_papers_rule("{ type = \"softmax\", beta = 0.3 }",
                         [](double h) { return std::exp(0.3 * h); });
}

// Hopfield's rule: a unit takes the sign of its field, in which it has no part itself.
TEST(Flips, WithSquaresAreHopfieldsNetworkWithoutSelfCoupling) {
  torch::manual_seed(4);
  const torch::Tensor patterns = signs({4, 12});
  const auto ham =
      make_ham(storing(4, "{ type = \"polynomial\", power = 2 }", "steps = 1"), shape({12}));
  ham->store(patterns);
  torch::Tensor weights = torch::matmul(patterns.t(), patterns);
  weights.fill_diagonal_(0);
  const torch::NoGradGuard no_grad;
  torch::Tensor x = signs({12});
  const torch::Tensor answer = ham->forward(x.unsqueeze(0))[0];
  for (int64_t i = 0; i < 12; ++i) {
    const auto field = torch::dot(weights[i], x).item<double>();
    if (field != 0) x[i] = field > 0 ? 1 : -1;
  }
  EXPECT_TRUE(answer.equal(x));
}

TEST(Flips, NeverRaiseTheEnergyInTurnAndEndWhereNoneHelps) {
  torch::manual_seed(5);
  const auto ham =
      make_ham(storing(30, "{ type = \"polynomial\", power = 3 }", "steps = 100"), shape({12}));
  ham->store(signs({30, 12}));
  const torch::NoGradGuard no_grad;
  const torch::Tensor cues = signs({40, 12});
  const auto way = ham->recall(cues, 10);
  for (size_t i = 0; i + 1 < way.size(); ++i) {
    EXPECT_LE((way[i + 1].energy - way[i].energy).max().item<double>(), 1e-9) << i;
  }
  EXPECT_LT((way.back().energy - way.front().energy).min().item<double>(), -1);
  const torch::Tensor rest = ham->forward(cues);
  EXPECT_TRUE(ham->forward(rest).equal(rest));
  EXPECT_TRUE(way.back().shown.equal(rest));
}

// Two units that want to differ: all at once they change for ever, in turn they come to rest.
TEST(Flips, TogetherMayTakeTurns) {
  const std::string pair = R"(layer = [{ name = "v" }, 
  { name = "k", motion = "adiabatic", shape = [1], lagrangian = "identity" }]
connection = [{ layers = ["k", "v"], stored = true }]
solver = "flips"
steps = 3
)";
  const torch::Tensor pattern = torch::tensor({{1.0, -1.0}}, torch::kFloat64);
  const torch::Tensor equal = torch::ones({1, 2}, torch::kFloat64);
  const torch::NoGradGuard no_grad;
  const auto together = make_ham(pair, shape({2}));
  together->store(pattern);
  EXPECT_TRUE(together->forward(equal).equal(-equal)) << "three sweeps, three changes of both";
  const auto in_turn = make_ham(pair + "order = \"in_turn\"", shape({2}));
  in_turn->store(pattern);
  EXPECT_TRUE(in_turn->forward(equal).equal(-pattern));
}

// Two layers of two values each, seen from what either sees.
TEST(Flips, SeveralLayersTogetherSeeTheStateBefore) {
  const std::string two = R"(layer = [{ name = "a" }, { name = "b", shape = [1] }]
connection = [{ layers = ["b", "a"] }]
solver = "flips"
steps = 1
input = "both"
output_layer = "b"
)";
  const torch::NoGradGuard no_grad;
  const auto ham = make_ham(two, shape({1}));
  set_parameter(*ham, "synapses.0.weight", torch::full({1, 1}, -1.0, torch::kFloat64));
  const MemoryState state = ham->begin(torch::ones({1, 1}, torch::kFloat64));
  MemoryState both = state;
  both.x[1] = torch::ones({1, 1}, torch::kFloat64);
  both.current = torch::zeros({1, 1}, torch::kFloat64);
  ham->graph().complete(both);
  // E = a b up to a constant: each would change its sign, and both do.
  const Swept together = swept(ham->graph(), both, Order::kTogether);
  EXPECT_EQ(together.state.x[0].item<double>(), -1);
  EXPECT_EQ(together.state.x[1].item<double>(), -1);
  EXPECT_TRUE(together.changed);
  const Swept in_turn = swept(ham->graph(), both, Order::kInTurn);
  EXPECT_EQ(in_turn.state.x[0].item<double>(), -1);
  EXPECT_EQ(in_turn.state.x[1].item<double>(), 1);
}

TEST(Flips, HaveNoGradients) {
  const auto ham = make_ham(storing(2, "\"identity\""), shape({12}));
  const torch::Tensor answer = ham->forward(signs({1, 12}));  // sizes can be asked for
  EXPECT_THAT(test::error_text([&] { answer.sum().backward(); }),
              HasSubstr("solver = \"flips\" has no gradients"));
}

TEST(Stored, SamplesBecomeTheSynapsesWeights) {
  torch::manual_seed(6);
  const torch::Tensor patterns = signs({5, 2, 6});
  const auto dense = make_ham(R"(layer = [{ name = "v" }, { name = "k", shape = [3] }]
connection = [{ layers = ["k", "v"], stored = true }])",
                              shape({2, 6}));
  EXPECT_EQ(dense->room(), 3);
  dense->store(patterns);
  const auto parameters = dense->named_parameters();
  EXPECT_TRUE(parameters["synapses.0.weight"].equal(patterns.narrow(0, 0, 3).flatten(1)));
  const auto memories = make_ham(R"(layer = [{ name = "v", lagrangian = "tanh" }]
connection = [{ layers = ["v"], stored = true, synapse = { type = "memories", memories = 4 } }])",
                                 shape({2, 6}));
  EXPECT_EQ(memories->room(), 4);
  memories->store(patterns);
  const torch::Tensor weight = memories->named_parameters()["synapses.0.weight"];
  EXPECT_TRUE(weight.equal(patterns.narrow(0, 0, 4).flatten(1).t().tanh()))
      << "what the layer shows of a sample is what is stored";
  EXPECT_EQ(make_ham(R"(layer = [{ name = "v" }])", shape({3}))->room(), 0);
}

TEST(Stored, SaysWhereNothingCanBe) {
  EXPECT_THAT(test::error_text([] {
                make_ham(R"(layer = [{ name = "v" }]
connection = [{ layers = ["v"], stored = true, synapse = "current" }])",
                         shape({3}));
              }),
              HasSubstr("connection[0]: stored = true, but its synapse takes no samples"));
  EXPECT_THAT(test::error_text([] {
                make_ham(R"(layer = [{ name = "v" }, { name = "k", shape = [3] }]
connection = [{ layers = ["v", "k"], stored = true }])",
                         shape({3}));
              }),
              HasSubstr("layer \"v\", the last that meets here is \"k\""));
}

TEST(Stored, AClassNeedsAUnitAndALayerOneSize) {
  EXPECT_THAT(
      test::error_text([] { make_ham("layer = [{ name = \"v\", classes = true }]", shape({3})); }),
      HasSubstr("the data have no classes"));
  EXPECT_THAT(test::error_text([] {
                make_ham("layer = [{ name = \"v\", classes = true, shape = [3] }]", shape({3}));
              }),
              HasSubstr("a size of its own"));
}

}  // namespace
}  // namespace mixwright::energy
