// The flow of a memory of two neurons over its energy, symmetric and not: one layer whose units
// meet each other, drawn from the plugin as `mixwright recall` runs it.

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>
#include <mixwright/network.h>
#include <mixwright/picture.h>

#include "framework/config/loader.h"
#include "framework/model/assemble.h"
#include "framework/train/figure.h"
#include "tests/support/paths.h"

namespace {

namespace fs = std::filesystem;
using mixwright::RecallMoment;

constexpr double kReach = 3.2;    // of the states that are shown, to each side
constexpr int64_t kPixels = 131;  // of the landscape, to each side
constexpr int64_t kStarts = 8;    // of trajectories, to each side
constexpr double kStep = 0.02;
constexpr int64_t kSteps = 900;
constexpr double kRises = 1e-7;  // in a step; less is rounding

/// What two units are to each other: E = -g^T W g, and A on the way back.
struct Memory {
  std::string title;
  torch::Tensor weight;     // W, symmetric: the force is 2 W g
  torch::Tensor asymmetry;  // A; undefined for none
};

constexpr const char* kConfig = R"([model]
input = { shape = [1, 2] }
[model.network]
type = "ham"
step_size = 0.02
layer = [{ name = "pair", lagrangian = "tanh" }]
connection = [{ layers = ["pair", "pair"], synapse = { type = "dense", asymmetric = ASYMMETRIC } }]
)";

std::shared_ptr<mixwright::model::Network> network_of(const Memory& memory) {
  namespace config = mixwright::config;
  std::string text = kConfig;
  text.replace(text.find("ASYMMETRIC"), 10, memory.asymmetry.defined() ? "true" : "false");
  const config::LoadedConfig loaded = config::load_text(text, "flow");
  const auto factory = mixwright::test::factory(loaded.root);
  mixwright::Diagnostics diagnostics;
  const config::RunConfig run = config::read_config(loaded.root, *factory, diagnostics);
  diagnostics.throw_if_errors();
  auto network =
      mixwright::model::assemble(run, mixwright::model::input_signal(run, nullptr), *factory);
  const torch::NoGradGuard no_grad;
  for (auto& entry : network->named_parameters()) {
    entry.value().copy_(entry.key().ends_with("weight") ? memory.weight : memory.asymmetry);
  }
  network->to(torch::kFloat64);
  return network;
}

std::vector<RecallMoment> way_from(const mixwright::model::Network& network,
                                   const torch::Tensor& states,
                                   int64_t steps) {
  return dynamic_cast<mixwright::Recalls&>(*network.whole()).recall(states.unsqueeze(1), steps);
}

/// All states of a square grid, [side * side, 2], rows from below.
torch::Tensor states(int64_t side) {
  const torch::Tensor line = torch::linspace(-kReach, kReach, side, torch::kFloat64);
  const auto grid = torch::meshgrid({line, line}, "ij");
  return torch::stack({grid[1].flatten(), grid[0].flatten()}, 1);
}

std::string landscape(const mixwright::model::Network& network) {
  const torch::Tensor at = states(kPixels);
  const torch::Tensor energy = way_from(network, at, 1).front().energy;
  std::string text;
  for (int64_t i = 0; i < at.size(0); ++i) {
    text += fmt::format("{:.5f} {:.5f} {:.6f}\n",
                        at[i][0].item<double>(),
                        at[i][1].item<double>(),
                        energy[i].item<double>());
    if (i % kPixels == kPixels - 1) text += "\n";
  }
  return text;
}

/// Trajectories as lines: state, and whether the energy rises on the way there.
std::string trajectories(const mixwright::model::Network& network, double& highest_rise) {
  const std::vector<RecallMoment> way = way_from(network, states(kStarts), kSteps);
  std::string text;
  for (int64_t i = 0; i < kStarts * kStarts; ++i) {
    for (size_t m = 0; m < way.size(); ++m) {
      const torch::Tensor state = way[m].shown[i][0];
      const double rise = m == 0 ? 0 : (way[m].energy[i] - way[m - 1].energy[i]).item<double>();
      highest_rise = std::max(highest_rise, rise);
      text += fmt::format("{:.5f} {:.5f} {}\n",
                          state[0].item<double>(),
                          state[1].item<double>(),
                          rise > kRises ? 1 : 0);
    }
    text += "\n";
  }
  return text;
}

/// Where the flow points, and how fast, on a coarse grid: short arrows of one length.
std::string arrows(const mixwright::model::Network& network) {
  const torch::Tensor at = states(2 * kStarts);
  const std::vector<RecallMoment> way = way_from(network, at, 1);
  const torch::Tensor move = (way[1].shown - way[0].shown).squeeze(1);
  const torch::Tensor unit = move / move.norm(2, {1}, true).clamp_min(1e-9) * 0.2;
  std::string text;
  for (int64_t i = 0; i < at.size(0); ++i) {
    text += fmt::format("{:.4f} {:.4f} {:.4f} {:.4f}\n",
                        at[i][0].item<double>() - unit[i][0].item<double>() / 2,
                        at[i][1].item<double>() - unit[i][1].item<double>() / 2,
                        unit[i][0].item<double>(),
                        unit[i][1].item<double>());
  }
  return text;
}

/// The ends of all trajectories.
std::string ends(const mixwright::model::Network& network) {
  const RecallMoment last = way_from(network, states(kStarts), 3 * kSteps).back();
  std::string text;
  for (int64_t i = 0; i < last.shown.size(0); ++i) {
    text += fmt::format(
        "{:.4f} {:.4f}\n", last.shown[i][0][0].item<double>(), last.shown[i][0][1].item<double>());
  }
  return text;
}

std::string panel(const Memory& memory, size_t index) {
  const auto network = network_of(memory);
  double highest_rise = 0;
  std::string text = fmt::format("$land{0} << EOD\n{1}EOD\n$way{0} << EOD\n{2}EOD\n",
                                 index,
                                 landscape(*network),
                                 trajectories(*network, highest_rise));
  text += fmt::format("$arrow{0} << EOD\n{1}EOD\n$end{0} << EOD\n{2}EOD\n",
                      index,
                      arrows(*network),
                      ends(*network));
  std::printf("%s: the greatest rise of the energy in a step of %g is %.3g\n",
              memory.title.c_str(),
              kStep,
              highest_rise);
  const bool rests = !memory.asymmetry.defined();
  text += fmt::format(
      "set contour base\nset cntrparam levels 12\nunset surface\nset table $level{0}\n"
      "splot $land{0} using 1:2:3\nunset table\nunset contour\nset surface\n"
      "set title '{1}' offset 0,-0.6\n"
      "plot $land{0} using 1:2:3 with image notitle, "
      "$level{0} using 1:2 with lines lw 0.5 lc rgb '#a0a0a0' notitle, "
      "$way{0} using 1:2 with lines lw 0.9 lc rgb '#303030' {2}, "
      "$way{0} using 1:($3 > 0 ? $2 : 1/0) with lines lw 1.6 lc rgb '#D55E00' {3}, "
      "$arrow{0} using 1:2:3:4 with vectors head filled size 0.1,22 lw 0.8 lc rgb '#303030' "
      "notitle{4}\n",
      index,
      memory.title,
      "title 'the energy falls'",
      rests ? "notitle" : "title 'the energy rises'",
      rests ? fmt::format(", $end{} using 1:2 with points pt 7 ps 1.6 lc rgb '#009E73' title "
                          "'attractors'",
                          index)
            : "");
  return text;
}

std::string commands(const std::vector<Memory>& memories) {
  std::string text =
      mixwright::train::figure_style() +
      "unset grid\nset border 15 lc rgb '#606060'\n"
      "set palette defined (0 '#336699', 1 '#5588bb', 2 '#77aacc', 3 '#99bbdd', 4 '#bbccee', "
      "5 '#ddeeff', 6 '#eeeeff', 7 '#ffffff') maxcolors 8\n"
      "unset colorbox\nset size ratio -1\n"
      "set key below samplen 2\n";
  text += fmt::format("set xrange [-{0}:{0}]\nset yrange [-{0}:{0}]\n", kReach);
  text += "set xlabel 'x_1'\nset ylabel 'x_2' offset 1,0\n";
  std::string plots = fmt::format("set multiplot layout 1,{}\n", memories.size());
  for (size_t i = 0; i < memories.size(); ++i) plots += panel(memories[i], i);
  return text + plots + "unset multiplot\n";
}

/// With sixteen values of each colour where there were 256.
void make_small(const fs::path& file) {
  const torch::Tensor values = mixwright::read_picture(file.string()).to(torch::kFloat32);
  mixwright::write_png(file.string(), (values / 17).round().mul(17).to(torch::kUInt8));
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count != 2) throw mixwright::UsageError("draw_flow FOLDER");
    const torch::Tensor weight = torch::tensor({{0.9F, 0.15F}, {0.15F, 0.9F}});
    const torch::Tensor turn = torch::tensor({{0.0F, 1.1F}, {-1.1F, 0.0F}});
    const fs::path file = fs::path(words[1]) / "energy_flow.png";
    mixwright::train::draw_figure(
        {file},
        820,
        470,
        commands({{"symmetric synapse", weight, {}}, {"with an asymmetric part", weight, turn}}));
    make_small(file);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "draw_flow: %s\n", error.what());
    return 1;
  }
  return 0;
}
