// Memory of training a hierarchical associative memory against its steps, measured, for the three
// ways of its gradient.

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"
#include "tests/energy/peak_bytes.h"
#include "tests/energy/workshop.h"

namespace {

using mixwright::energy::make_ham;

constexpr double kStepSize = 0.02;
constexpr int64_t kBatch = 32;
const std::vector<int64_t> kSteps = {4, 9, 16, 36, 64, 144, 256, 576, 1024};

/// A three-layer memory that comes to rest, in float64.
std::shared_ptr<mixwright::energy::Ham> denoiser(int64_t steps, const std::string& rest) {
  torch::manual_seed(1);
  return make_ham(fmt::format(R"(layer = [
  {{ name = "first", shape = [300], lagrangian = "relu" }},
  {{ name = "visible", lagrangian = "layer_norm" }},
  {{ name = "second", shape = [300], lagrangian = "relu" }} ]
connection = [ {{ layers = ["first", "visible"], synapse = {{ type = "dense", init_std = 0.005 }} }},
  {{ layers = ["visible", "second"], synapse = {{ type = "dense", init_std = 0.005 }} }} ]
input = "current"
input_layer = "visible"
output = "activation"
step_size = {}
steps = {}
{})",
                              kStepSize,
                              steps,
                              rest),
                  mixwright::energy::shape({784}));
}

torch::Tensor pictures() {
  torch::manual_seed(2);
  return torch::randn({kBatch, 784}, torch::kFloat64);
}

/// A tolerance that the memory reaches with its last step.
double tolerance_after(int64_t steps) {
  const auto ham = denoiser(steps, "");
  const torch::NoGradGuard no_grad;
  return mixwright::energy::descended(ham->graph(),
                                      ham->begin(pictures()),
                                      {kStepSize, mixwright::energy::Order::kTogether, 1e-30},
                                      steps)
      .change;
}

/// Megabytes of forward and backward beyond weights, input and the weights' gradients.
double megabytes(int64_t steps, const std::string& rest) {
  const auto ham = denoiser(steps, rest);
  const torch::Tensor x = pictures();
  for (torch::Tensor& parameter : ham->parameters()) {
    parameter.mutable_grad() = torch::zeros_like(parameter);
  }
  return mixwright::energy::peak_bytes_of([&] { ham->forward(x).square().sum().backward(); }) / 1e6;
}

/// A way of the gradient, its options, and gnuplot's word for how its memory grows.
struct Way {
  std::string name;
  std::string options;
  std::string growth;
};

/// The line a + b growth(steps) through the first and the last point.
std::string law(const std::string& growth, const std::vector<double>& peaks, size_t colour) {
  const auto of = [&](int64_t steps) {
    const auto x = static_cast<double>(steps);
    return growth == "x" ? x : std::sqrt(x);
  };
  const double b = (peaks.back() - peaks.front()) / (of(kSteps.back()) - of(kSteps.front()));
  const double a = peaks.front() - b * of(kSteps.front());
  const std::string words = fmt::format("{:.1f} + {:.2f} {}", a, b, growth == "x" ? "N" : "√N");
  return fmt::format(", {:.8g} + {:.8g} * {} with lines lw 1.6 dt 2 lc rgb '{}' title {}",
                     a,
                     b,
                     growth,
                     mixwright::train::figure_colour(colour),
                     mixwright::train::gnuplot_quoted(words));
}

std::string commands() {
  const std::vector<Way> ways = {{"unrolled", "", "x"},
                                 {"checkpointed", "gradient = \"checkpointed\"", "sqrt(x)"},
                                 {"implicit", "gradient = \"implicit\"\ntolerance = ", ""}};
  std::string text = mixwright::train::figure_style() +
                     "set logscale xy\nset xlabel 'steps N'\n"
                     "set ylabel 'peak memory of a training step, MB'\n"
                     "set xrange [3.4:1300]\nset yrange [5:1000]\nset key left top\n"
                     "set xtics (4, 16, 64, 256, 1024)\n";
  std::string plots;
  for (size_t i = 0; i < ways.size(); ++i) {
    std::vector<double> peaks;
    text += fmt::format("$way{} << EOD\n", i);
    for (const int64_t steps : kSteps) {
      std::string rest = ways[i].options;
      if (rest.ends_with("= ")) rest += fmt::format("{:.17g}", tolerance_after(steps) * 1.000001);
      const double peak = megabytes(steps, rest);
      std::printf(
          "%s %lld steps: %.2f MB\n", ways[i].name.c_str(), static_cast<long long>(steps), peak);
      text += fmt::format("{} {:.6g}\n", steps, peak);
      peaks.push_back(peak);
    }
    text += "EOD\n";
    plots += fmt::format("{}$way{} using 1:2 with {} pt 7 ps 0.9 lw 2.2 lc rgb '{}' title {}",
                         i == 0 ? "plot " : ", ",
                         i,
                         ways[i].growth.empty() ? "linespoints" : "points",
                         mixwright::train::figure_colour(i),
                         mixwright::train::gnuplot_quoted(ways[i].name));
    if (!ways[i].growth.empty()) plots += law(ways[i].growth, peaks, i);
  }
  return text + plots + "\n";
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count != 2) throw mixwright::UsageError("draw_energy_memory FOLDER");
    mixwright::train::draw_figure(
        {std::filesystem::path(words[1]) / "energy_memory.png"}, 760, 420, commands());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "draw_energy_memory: %s\n", error.what());
    return 1;
  }
  return 0;
}
