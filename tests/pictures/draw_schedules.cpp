// The schedules of the learning rate, drawn from the function that training calls.

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"
#include "framework/train/schedule.h"

namespace {

using mixwright::ScheduleOptions;
using mixwright::ScheduleType;

constexpr int64_t kSteps = 400;

struct Curve {
  std::string name;
  ScheduleOptions options;
};

std::vector<Curve> curves() {
  const auto with = [](ScheduleType type) {
    ScheduleOptions options;
    options.type = type;
    return options;
  };
  ScheduleOptions one_cycle = with(ScheduleType::kOneCycle);
  one_cycle.warmup = 0.3;
  return {{"constant", with(ScheduleType::kConstant)},
          {"cosine", with(ScheduleType::kCosine)},
          {"one_cycle", one_cycle},
          {"step", with(ScheduleType::kStep)}};
}

std::string commands() {
  std::string text = mixwright::train::figure_style() +
                     "set xlabel 'share of all steps'\n"
                     "set ylabel 'learning rate / train.lr'\n"
                     "set yrange [0:1.08]\nset xrange [0:1]\nset key at 0.99, 0.9 right top\n";
  std::string plots;
  const std::vector<Curve> all = curves();
  for (size_t i = 0; i < all.size(); ++i) {
    text += fmt::format("$curve{} << EOD\n", i);
    for (int64_t step = 0; step < kSteps; ++step) {
      text += fmt::format("{:.5f} {:.6f}\n",
                          static_cast<double>(step) / static_cast<double>(kSteps - 1),
                          mixwright::train::schedule_factor(all[i].options, step, kSteps));
    }
    text += "EOD\n";
    plots += fmt::format("{}$curve{} using 1:2 with lines lw 2.2 lc rgb '{}' title {}",
                         i == 0 ? "plot " : ", ",
                         i,
                         mixwright::train::figure_colour(i),
                         mixwright::train::gnuplot_quoted(all[i].name));
  }
  return text + plots + "\n";
}

}  // namespace

int main(int count, char** words) {
  try {
    if (count != 2) throw mixwright::UsageError("draw_schedules FOLDER");
    mixwright::train::draw_figure(
        {std::filesystem::path(words[1]) / "schedules.png"}, 760, 400, commands());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "draw_schedules: %s\n", error.what());
    return 1;
  }
  return 0;
}
