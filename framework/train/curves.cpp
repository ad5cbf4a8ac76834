#include "framework/train/curves.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"
#include "framework/train/metrics_log.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

constexpr int kWidth = 1200;
constexpr int kHeight = 860;

double value_of(const nlohmann::ordered_json& line, const std::string& key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number() ? found->get<double>() : std::nan("");
}

void add(Points& points, const nlohmann::ordered_json& line, const std::string& key) {
  const double value = value_of(line, key);
  const double epoch = value_of(line, "epoch");
  if (std::isfinite(value) && std::isfinite(epoch)) points.emplace_back(epoch, value);
}

/// One curve of a panel.
struct Curve {
  const Points* points;
  std::string title;  // empty: not in the legend
  size_t colour;
  bool marked;  // thick with marks, or thin
};

struct Panel {
  std::string title;
  std::string axis;
  double scale = 1;
  bool from_zero = false;
  const char* key = "top right";
  std::vector<Curve> curves;
};

void add_curve(Panel& panel,
               const Points& points,
               const std::string& title,
               size_t colour_index,
               bool marked) {
  if (!points.empty()) panel.curves.push_back({&points, title, colour_index, marked});
}

/// Train and validation of each run: of a single one in two colours, of several in one each.
Panel pair_panel(const std::vector<RunCurves>& runs,
                 Points RunCurves::* train,
                 Points RunCurves::* validation) {
  Panel panel;
  for (size_t i = 0; i < runs.size(); ++i) {
    const bool single = runs.size() == 1;
    add_curve(panel, runs[i].*train, single ? "train" : "", i, false);
    add_curve(
        panel, runs[i].*validation, single ? "validation" : runs[i].name, single ? 1 : i, true);
  }
  return panel;
}

Panel single_panel(const std::vector<RunCurves>& runs, Points RunCurves::* points) {
  Panel panel;
  for (size_t i = 0; i < runs.size(); ++i) add_curve(panel, runs[i].*points, "", i, false);
  return panel;
}

bool has_legend(const Panel& panel) {
  return std::any_of(panel.curves.begin(), panel.curves.end(), [](const Curve& curve) {
    return !curve.title.empty();
  });
}

double last_epoch(const std::vector<Panel>& panels) {
  double last = 0;
  for (const Panel& panel : panels) {
    for (const Curve& curve : panel.curves) last = std::max(last, curve.points->back().first);
  }
  return last;
}

/// A line of one point would be nothing to see.
const char* line_style(const Curve& curve) {
  if (curve.marked) return "linespoints lw 2.5 pt 7 ps 0.8";
  return curve.points->size() > 1 ? "lines lw 1.6" : "points pt 7 ps 0.6";
}

std::string panel_script(const Panel& panel) {
  if (panel.curves.empty()) return "set multiplot next\n";
  std::string text = "set title " + gnuplot_quoted(panel.title) + " font ',13'\n";
  text += "set ylabel " + gnuplot_quoted(panel.axis) + "\n";
  text += panel.from_zero ? "set yrange [0:*]\nset offsets 0, 0, graph 0.05, 0\n"
                          : "set yrange [*:*]\nset offsets 0, 0, graph 0.05, graph 0.05\n";
  text += fmt::format("set key {}\n", has_legend(panel) ? panel.key : "off");
  std::string plots;
  for (size_t i = 0; i < panel.curves.size(); ++i) {
    const Curve& curve = panel.curves[i];
    text += fmt::format("$curve{} << EOD\n", i);
    for (const auto& [x, y] : *curve.points) {
      text += fmt::format("{:.6g} {:.8g}\n", x, y * panel.scale);
    }
    text += "EOD\n";
    plots += plots.empty() ? "plot " : ", ";
    plots += fmt::format("$curve{} using 1:2 with {} lc rgb '{}' {}",
                         i,
                         line_style(curve),
                         figure_colour(curve.colour),
                         curve.title.empty() ? "notitle" : "title " + gnuplot_quoted(curve.title));
  }
  return text + plots + "\n";
}

std::string figure_script(const std::vector<Panel>& panels, const std::string& title) {
  std::string text =
      figure_style() + R"(set key on opaque box lc rgb '#D0D0D0' samplen 2 spacing 1.2
set xlabel 'epoch'
set format y '%.4g'
set lmargin 11
set rmargin 3
)";
  text += fmt::format("set xrange [0:{:.6g}]\n", 1.02 * last_epoch(panels));
  text += "set multiplot layout 2,2 title " + gnuplot_quoted(title) + " font ',16'\n";
  for (const Panel& panel : panels) text += panel_script(panel);
  return text + "unset multiplot\n";
}

std::string with_capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

}  // namespace

RunCurves read_curves(const fs::path& run) {
  RunCurves curves;
  curves.name = fs::absolute(run / "").lexically_normal().parent_path().filename().string();
  const std::vector<nlohmann::ordered_json> lines = MetricsLog::read(run / "metrics.jsonl");
  for (const auto& line : lines) {
    const auto decisive = line.find("decisive");
    if (decisive == line.end() || !decisive->is_object()) continue;
    curves.metric = decisive->value("name", "");
    curves.percent = decisive->value("percent", false);
    curves.higher_is_better = decisive->value("higher_is_better", true);
  }
  for (const auto& line : lines) {
    const std::string kind = line.value("kind", "");
    if (kind == "train") {
      add(curves.train_loss, line, "loss");
      add(curves.train_metric, line, curves.metric);
      add(curves.learning_rate, line, "learning_rate");
      add(curves.throughput, line, "samples_per_second");
    } else if (kind == "validation") {
      add(curves.validation_loss, line, "loss");
      add(curves.validation_metric, line, curves.metric);
    }
  }
  if (curves.train_loss.empty() && curves.validation_loss.empty()) {
    throw UsageError((run / "metrics.jsonl").string() +
                     ": no metrics to draw yet; lines come every train.log_every steps");
  }
  return curves;
}

std::string curves_script(const std::vector<RunCurves>& runs) {
  Panel loss = pair_panel(runs, &RunCurves::train_loss, &RunCurves::validation_loss);
  loss.title = "Loss";
  Panel metric = pair_panel(runs, &RunCurves::train_metric, &RunCurves::validation_metric);
  const RunCurves& first = runs.front();
  metric.title = with_capital(first.metric);
  metric.axis = first.percent ? "%" : "";
  metric.scale = first.percent ? 100 : 1;
  metric.key = first.higher_is_better ? "bottom right" : "top right";
  Panel rate = single_panel(runs, &RunCurves::learning_rate);
  rate.title = "Learning rate";
  rate.from_zero = true;
  Panel throughput = single_panel(runs, &RunCurves::throughput);
  throughput.title = "Samples per second";
  throughput.from_zero = true;
  const std::string title =
      runs.size() == 1 ? first.name
                       : fmt::format("{} runs (thin: train, thick: validation)", runs.size());
  return figure_script({loss, metric, rate, throughput}, title);
}

std::vector<fs::path> draw_curves(const std::vector<RunCurves>& runs,
                                  const fs::path& folder,
                                  const std::string& stem) {
  const std::vector<fs::path> files = {folder / (stem + ".png"), folder / (stem + ".svg")};
  draw_figure(files, kWidth, kHeight, curves_script(runs));
  return files;
}

}  // namespace mixwright::train
