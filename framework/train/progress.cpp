#include "framework/train/progress.h"

#include <spdlog/fmt/fmt.h>

#include "framework/train/text_table.h"

namespace mixwright::train {

void Progress::show(const ProgressFacts& facts) {
  line_.show(progress_text(facts, 0));
}

std::string progress_text(const ProgressFacts& facts, size_t width) {
  std::string text =
      facts.phase + " " +
      io::bar_text(static_cast<double>(facts.step), static_cast<double>(facts.steps)) +
      fmt::format(" {}/{}", facts.step, facts.steps);
  if (facts.seconds_left >= 0) text += "  ETA " + duration_text(facts.seconds_left);
  for (const Metric& metric : facts.metrics) text += "  " + metric.name + " " + metric_text(metric);
  if (facts.samples_per_second > 0)
    text += "  " + count_text(facts.samples_per_second) + " samples/s";
  if (facts.learning_rate > 0) text += fmt::format("  lr {:.2e}", facts.learning_rate);
  if (width != 0 && text.size() > width) text.resize(width);
  return text;
}

}  // namespace mixwright::train
