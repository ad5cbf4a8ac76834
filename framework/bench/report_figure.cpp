// The picture of a bench.

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "framework/bench/report.h"
#include "framework/bench/spread.h"
#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"

namespace mixwright::bench {

namespace {

constexpr double kWidth = 0.8;  // of a contest's bars together

/// Every name that has bars, in the order of the first contest that has it.
std::vector<std::string> measured_names(const Report& report) {
  std::vector<std::string> names;
  for (const Finished& finished : report.contests) {
    for (const SideResult& side : finished.results) {
      const bool known = std::find(names.begin(), names.end(), side.name) != names.end();
      if (side.is_measured() && !known) names.push_back(side.name);
    }
  }
  return names;
}

/// Bars of one side: place, milliseconds a sample, their quartiles.
std::string bars_of(const Report& report, const std::string& name, size_t index, size_t count) {
  const double width = kWidth / static_cast<double>(count);
  std::string text = fmt::format("$side{} << EOD\n", index);
  for (size_t i = 0; i < report.contests.size(); ++i) {
    const Finished& finished = report.contests[i];
    for (const SideResult& side : finished.results) {
      if (side.name != name || !side.is_measured()) continue;
      const Spread time = spread_of(side.seconds);
      const double scale = 1e3 / static_cast<double>(finished.contest.batch);
      text += fmt::format(
          "{:.6g} {:.8g} {:.8g} {:.8g}\n",
          static_cast<double>(i) - kWidth / 2 + (static_cast<double>(index) + 0.5) * width,
          time.median * scale,
          time.low * scale,
          time.high * scale);
    }
  }
  return text + "EOD\n";
}

std::string ticks_of(const Report& report) {
  std::string text = "set xtics (";
  for (size_t i = 0; i < report.contests.size(); ++i) {
    const Contest& contest = report.contests[i].contest;
    const std::string label = fmt::format("{}, batch {}", contest.network, contest.batch);
    text += (i == 0 ? "" : ", ") + train::gnuplot_quoted(label) + fmt::format(" {}", i);
  }
  return text + ")\n";
}

}  // namespace

void draw_report(const Report& report, const std::vector<std::filesystem::path>& files) {
  const std::vector<std::string> names = measured_names(report);
  std::string script;
  std::string plots;
  for (size_t i = 0; i < names.size(); ++i) {
    script += bars_of(report, names[i], i, names.size());
    plots += fmt::format(
        "{0}$side{1} using 1:2 with boxes fs solid 0.8 noborder lc rgb '{2}' title {3}, "
        "$side{1} using 1:2:3:4 with yerrorbars pt 7 ps 0.3 lw 1.5 lc rgb '#202020' notitle",
        i == 0 ? "plot " : ", ",
        i,
        train::figure_colour(i),
        train::gnuplot_quoted(names[i]));
  }
  const bool training = report.contests.front().contest.mode == Mode::kTraining;
  script += train::figure_style() + ticks_of(report);
  script +=
      fmt::format("set title {} font ',13'\n",
                  train::gnuplot_quoted(fmt::format("{}, {}, {} threads: median and quartiles",
                                                    training ? "Training step" : "Inference",
                                                    report.precision,
                                                    report.threads)));
  script += "set ylabel 'milliseconds a sample'\nset yrange [0:*]\nset grid noxtics\n";
  script += "set key outside right top\n";
  script += fmt::format("set boxwidth {:.6g}\nset xrange [-0.6:{}]\n",
                        0.95 * kWidth / static_cast<double>(names.size()),
                        static_cast<double>(report.contests.size()) - 0.4);
  const int width = 320 + 220 * static_cast<int>(report.contests.size());
  train::draw_figure(files, std::max(width, 640), 480, script + plots + "\n");
}

}  // namespace mixwright::bench
