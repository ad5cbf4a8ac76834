// Whole memories against the authors' own code: energies, gradients, trajectories, training.

#include <numbers>

#include <gtest/gtest.h>

#include "plugins/energy/pointwise.h"
#include "tests/energy/workshop.h"

namespace mixwright::energy {
namespace {

using File = std::map<std::string, torch::Tensor>;

struct Demo {
  std::string file;
  std::string toml;
  int64_t visible;
};

void PrintTo(const Demo& demo, std::ostream* out) {
  *out << demo.file;
}

/// Three layers in a row, as the authors' demo has them; the steps of its training.
std::string three_layers(const std::string& visible,
                         const std::string& hidden,
                         int64_t first,
                         int64_t last,
                         double step_size) {
  return "layer = [\n{ name = \"xs\", shape = [" + std::to_string(first) +
         "], lagrangian = " + hidden + " },\n{ name = \"input\", lagrangian = " + visible +
         " },\n{ name = \"xc\", shape = [" + std::to_string(last) + "], lagrangian = " + hidden +
         " } ]\nconnection = [ { layers = [\"xs\", \"input\"] }, { layers = [\"input\", \"xc\"] } "
         "]\n"
         "input_layer = \"input\"\noutput = \"activation\"\nsteps = 5\nstep_size = " +
         std::to_string(step_size);
}

const std::vector<Demo> kDemos = {
    {"ham/ham_demo", three_layers("\"layer_norm\"", "\"relu\"", 9, 9, 0.1), 12},
    {"ham/ham_spherical_softmax",
     three_layers("\"spherical_norm\"", "{ type = \"softmax\", beta = 1.5 }", 7, 8, 0.2),
     10}};

class GoldenMemory : public testing::TestWithParam<Demo> {
 protected:
  void SetUp() override {
    file_ = golden(GetParam().file);
    ham_ = make_ham(GetParam().toml, shape({GetParam().visible}));
    set_parameter(*ham_, "synapses.0.weight", file_.at("w.synapses.xi_sv.W"));
    set_parameter(*ham_, "synapses.1.weight", file_.at("w.synapses.xi_vc.W"));
  }

  MemoryState start() const {
    MemoryState state;
    state.x = {file_.at("x.xs"), file_.at("x.input"), file_.at("x.xc")};
    ham_->graph().complete(state);
    return state;
  }

  const std::vector<std::string> names_ = {"xs", "input", "xc"};
  File file_;
  std::shared_ptr<Ham> ham_;
};

TEST_P(GoldenMemory, EnergiesAndSlopesAreTheAuthors) {
  const MemoryState state = start();
  const MemoryGraphImpl& graph = ham_->graph();
  const Tensors neurons = graph.neuron_energies(state);
  const Tensors synapses = graph.synapse_energies(state);
  for (size_t i = 0; i < names_.size(); ++i) {
    SCOPED_TRACE(names_[i]);
    EXPECT_LT(relative_error(state.g[i], file_.at("y.g." + names_[i])), kStored);
    EXPECT_LT(relative_error(neurons[i], file_.at("y.E_neuron." + names_[i])), kStored);
    EXPECT_LT(relative_error(graph.slope(state, i), file_.at("y.dEdg." + names_[i])), kStored);
  }
  EXPECT_LT(relative_error(synapses[0], file_.at("y.E_connection.0")), kStored);
  EXPECT_LT(relative_error(synapses[1], file_.at("y.E_connection.1")), kStored);
  EXPECT_LT(relative_error(graph.energy(state), file_.at("y.E_total")), kStored);
  EXPECT_TRUE(graph.is_guaranteed());
}

TEST_P(GoldenMemory, TrajectoriesAreTheAuthors) {
  MemoryState state = start();
  for (int64_t k = 0; k <= 20; ++k) {
    SCOPED_TRACE(k);
    EXPECT_LT(relative_error(ham_->graph().energy(state), file_.at("y.traj.energy")[k]), kStored);
    for (size_t i = 0; i < names_.size(); ++i) {
      EXPECT_LT(relative_error(state.x[i], file_.at("y.traj." + names_[i])[k]), kStored);
    }
    state = ham_->step(state);
  }
}

TEST_P(GoldenMemory, TrainingGradientsAreTheAuthors) {
  const torch::Tensor clean = file_.at("x.train_input");
  const torch::Tensor output = ham_->forward(clean + file_.at("x.train_noise"));
  const torch::Tensor loss = (output - clean).square().mean();
  EXPECT_LT(relative_error(loss.view({1}), file_.at("loss")), kStored);
  loss.backward();
  const auto parameters = ham_->named_parameters();
  EXPECT_EQ(parameters.size(), 2u);
  EXPECT_LT(relative_error(parameters["synapses.0.weight"].grad(), file_.at("g.synapses.xi_sv.W")),
            kStored);
  EXPECT_LT(relative_error(parameters["synapses.1.weight"].grad(), file_.at("g.synapses.xi_vc.W")),
            kStored);
}

INSTANTIATE_TEST_SUITE_P(Demos,
                         GoldenMemory,
                         testing::ValuesIn(kDemos),
                         [](const testing::TestParamInfo<Demo>& info) {
                           return info.param.file.substr(4);
                         });

/// The flow of the mixer as a differential equation: x [tokens, channels], units that see the sum
/// over the other axis, a second weight on the way back.
class GoldenFlow : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    file_ = golden("asymmixer_ode/" + GetParam());
    const torch::Tensor x = file_.at("x");
    const std::string hidden = ", lagrangian = \"gelu\", motion = \"adiabatic\" }";
    ham_ = make_ham(
        "layer = [ { name = \"x\", lagrangian = \"layer_norm\" },\n{ name = \"s\", shape = [" +
            std::to_string(file_.at("w.s1").size(1)) + "]" + hidden +
            ",\n{ name = \"c\", shape = [" + std::to_string(file_.at("w.c1").size(1)) + "]" +
            hidden +
            " ]\nconnection = [ { layers = [\"s\", \"x\"], synapse = { type = \"shared\", axis = "
            "\"tokens\", asymmetric = true } }, { layers = [\"c\", \"x\"], synapse = { type = "
            "\"shared\", axis = \"channels\", asymmetric = true } } ]\nsolver = \"dopri5\"\n"
            "relative_error = 1e-9\nabsolute_error = 1e-11",
        shape({x.size(1), x.size(2)}));
    for (const auto& [name, letter] : {std::pair{"synapses.0.", "s"}, {"synapses.1.", "c"}}) {
      set_parameter(*ham_, std::string(name) + "weight", weight(letter, "1"));
      set_parameter(*ham_, std::string(name) + "asymmetry", weight(letter, "2"));
    }
  }

  torch::Tensor weight(const std::string& letter, const std::string& number) const {
    return file_.at("w." + letter + number).t();
  }

  MemoryState at(const torch::Tensor& x) const { return ham_->begin(x); }

  /// sum x n - sqrt(sum (x - mean)^2) - sum Phi(p) + p^T A GELU(p) / 2 over both axes, as
  /// published; `integral` is Phi.
  template <class Integral>
  torch::Tensor published(const MemoryState& state, const Integral& integral) const {
    const torch::Tensor x = state.x[0];
    const torch::Tensor n = state.g[0];
    const torch::Tensor centred = x - x.mean({1, 2}, true);
    torch::Tensor energy = (x * n).sum({1, 2}) - centred.square().sum({1, 2}).sqrt();
    for (const int64_t axis : {1, 2}) {
      const std::string letter = axis == 1 ? "s" : "c";
      const torch::Tensor p = n.sum(3 - axis);
      const torch::Tensor hidden = state.x[static_cast<size_t>(axis)];  // W p, by our synapses
      energy = energy - integral(hidden).sum(1) +
               0.5 * (p * torch::matmul(torch::gelu(hidden), file_.at("w." + letter + "2"))).sum(1);
    }
    return energy;
  }

  File file_;
  std::shared_ptr<Ham> ham_;
};

TEST_P(GoldenFlow, RateAndItsGradientsAreTheAuthors) {
  const torch::Tensor x = file_.at("x").clone().requires_grad_();
  const torch::Tensor rate = -ham_->graph().slope(at(x), 0);
  EXPECT_LT(relative_error(rate, file_.at("y.dxdt0")), kStored);
  (rate * file_.at("r")).sum().backward();
  EXPECT_LT(relative_error(x.grad(), file_.at("g.x")), kStored);
  const auto parameters = ham_->named_parameters();
  EXPECT_LT(relative_error(parameters["synapses.0.weight"].grad(), file_.at("g.s1").t()), kStored);
  EXPECT_LT(relative_error(parameters["synapses.0.asymmetry"].grad(), file_.at("g.s2").t()),
            kStored);
  EXPECT_LT(relative_error(parameters["synapses.1.weight"].grad(), file_.at("g.c1").t()), kStored);
  EXPECT_LT(relative_error(parameters["synapses.1.asymmetry"].grad(), file_.at("g.c2").t()),
            kStored);
}

TEST_P(GoldenFlow, TrajectoryAndBothEnergiesAreTheAuthors) {
  std::vector<double> times;
  const torch::Tensor stored_times = file_.at("y.t");
  for (int64_t i = 0; i < stored_times.size(0); ++i)
    times.push_back(stored_times[i].item<double>());
  const std::vector<MemoryState> states = ham_->flow(at(file_.at("x")), times);
  const auto notebook = [](const torch::Tensor& h) {
    const torch::Tensor square = h.square();
    const torch::Tensor a = square + (square - 1) * torch::erf(h / std::numbers::sqrt2);
    return (a + h * std::sqrt(2 / std::numbers::pi) * torch::exp(a * -0.5)) * 0.25;
  };
  double worst = 0;
  for (size_t k = 0; k < states.size(); ++k) {
    const auto row = static_cast<int64_t>(k);
    worst = std::max(worst, relative_error(states[k].x[0], file_.at("y.traj")[row]));
    EXPECT_LT(
        relative_error(published(states[k], Gelu::integral), file_.at("y.energy_formula")[row]),
        1e-5);
    EXPECT_LT(relative_error(published(states[k], notebook), file_.at("y.energy_notebook")[row]),
              1e-5);
  }
  EXPECT_LT(worst, 1e-5);
  RecordProperty("worst", std::to_string(worst));
}

TEST_P(GoldenFlow, OursIsThePublishedEnergyButForTheScaleOfTheNormAndTheAsymmetricTerm) {
  const MemoryState state = at(file_.at("x"));
  const torch::Tensor x = state.x[0];
  torch::Tensor expected = published(state, Gelu::integral);
  const torch::Tensor centred = x - x.mean({1, 2}, true);
  expected = expected + centred.square().sum({1, 2}).sqrt() -
             ham_->graph().layers()[0].lagrangian->value(x);
  for (const int64_t axis : {1, 2}) {
    const torch::Tensor p = state.g[0].sum(3 - axis);
    const torch::Tensor second = file_.at(axis == 1 ? "w.s2" : "w.c2");
    const torch::Tensor hidden = state.g[static_cast<size_t>(axis)];
    expected = expected - 0.5 * (p * torch::matmul(hidden, second)).sum(1);
  }
  EXPECT_LT(relative_error(ham_->graph().energy(state), expected), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Flows,
                         GoldenFlow,
                         testing::Values("symmetric_small", "asymmetric_small", "asymmetric_4x8"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace mixwright::energy
