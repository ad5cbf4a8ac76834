#include "framework/train/metrics_lines.h"

#include <algorithm>

#include "framework/train/metrics_log.h"

namespace mixwright::train {

nlohmann::ordered_json train_line(const TrainState& state, const TrainLineFacts& facts) {
  nlohmann::ordered_json line;
  line["kind"] = "train";
  line["step"] = state.step;
  line["epoch"] = facts.epoch;
  const auto count = static_cast<double>(std::max<int64_t>(1, state.interval_steps));
  line["loss"] = MetricsLog::number(state.interval_loss / count);
  if (state.interval_penalty != 0) {
    line["penalty"] = MetricsLog::number(state.interval_penalty / count);
  }
  for (const auto& [name, sum] : state.interval_metrics) {
    if (name == "loss") continue;  // the loss that is trained stands there already
    line[name] = MetricsLog::number(sum / static_cast<double>(state.interval_measured));
  }
  line["learning_rate"] = facts.learning_rate;
  line["gradient_norm"] = MetricsLog::number(facts.gradient_norm);
  for (const auto& [part, norm] : facts.gradient_norms) {
    line["gradient_norms"][part] = MetricsLog::number(norm);
  }
  for (const auto& [name, value] : facts.parts) line["parts"][name] = MetricsLog::number(value);
  line["samples_per_second"] = facts.samples_per_second;
  line["data_wait_share"] = facts.data_wait_share;
  line["memory_mb"] = facts.memory_mb;
  return line;
}

nlohmann::ordered_json validation_line(const TrainState& state,
                                       int64_t epochs_done,
                                       const Evaluation& evaluation) {
  const Metric& decisive = evaluation.metrics.front();
  nlohmann::ordered_json line;
  line["kind"] = "validation";
  line["step"] = state.step;
  line["epoch"] = epochs_done;
  for (const Metric& metric : evaluation.metrics) {
    line[metric.name] = MetricsLog::number(metric.value);
  }
  line["decisive"] = {{"name", decisive.name},
                      {"percent", decisive.percent},
                      {"higher_is_better", decisive.higher_is_better}};
  line["samples"] = evaluation.samples;
  line["seconds"] = evaluation.seconds;
  return line;
}

}  // namespace mixwright::train
