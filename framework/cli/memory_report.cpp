#include "framework/cli/memory_report.h"

#include <spdlog/fmt/fmt.h>

#include "framework/io/atomic_file.h"
#include "framework/train/metrics_log.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

using nlohmann::ordered_json;
using train::KeyPicture;
using train::KeyRecord;
using train::MetricsLog;

namespace {

ordered_json shifts_json(const torch::Tensor& scores, const DatasetInfo& info) {
  ordered_json list = ordered_json::array();
  for (const train::ClassShift& shift : train::sorted_shifts(scores, info)) {
    list.push_back({{"class", shift.name}, {"score", MetricsLog::number(shift.score)}});
  }
  return list;
}

ordered_json key_json(const KeyRecord& record,
                      const std::vector<KeyPicture>& pictures,
                      const std::vector<int64_t>& grid) {
  ordered_json json = {{"key", record.key},
                       {"mean", MetricsLog::number(record.mean)},
                       {"active_share", MetricsLog::number(record.active_share)},
                       {"value_norm", MetricsLog::number(record.value_norm)},
                       {"triggers", ordered_json::array()}};
  for (size_t i = 0; i < pictures.size(); ++i) {
    const train::Trigger& trigger = record.triggers[i];
    const train::Box& patch = pictures[i].patch;
    json["triggers"].push_back({{"sample", trigger.sample},
                                {"class", pictures[i].label},
                                {"coefficient", MetricsLog::number(trigger.coefficient)},
                                {"place", {trigger.place / grid[1], trigger.place % grid[1]}},
                                {"top", patch.top},
                                {"left", patch.left},
                                {"height", patch.height},
                                {"width", patch.width}});
  }
  return json;
}

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

train::KeySheet sheet_of(const MemoryFindings& findings,
                         const KeyRecord& record,
                         std::vector<KeyPicture> pictures,
                         const std::vector<train::ClassShift>& adds) {
  train::KeySheet sheet;
  sheet.heading = fmt::format("key {} of {}", record.key, findings.survey.keys.size());
  sheet.facts = fmt::format(
      "{}   active at {} of the places of {} samples, mean {:.3g}, length of its value {:.3g}",
      findings.found.path,
      percent(record.active_share),
      train::count_text(static_cast<double>(findings.survey.samples)),
      record.mean,
      record.value_norm);
  sheet.pictures = std::move(pictures);
  sheet.adds = adds;
  return sheet;
}

}  // namespace

ordered_json write_memory(const MemoryFindings& findings,
                          const Dataset& dataset,
                          Split split,
                          const std::filesystem::path& folder,
                          const std::function<void(int64_t sheet)>& drawn) {
  ordered_json json = {{"run", findings.run},
                       {"checkpoint", findings.checkpoint.string()},
                       {"step", findings.step},
                       {"split", findings.split},
                       {"samples", findings.survey.samples},
                       {"part", findings.found.path},
                       {"component", findings.found.layer->component()},
                       {"grid", findings.survey.grid},
                       {"total_keys", findings.survey.keys.size()},
                       {"keys", ordered_json::array()}};
  for (size_t i = 0; i < findings.shown.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    if (drawn) drawn(row);
    const KeyRecord& record = findings.shown[i];
    std::vector<KeyPicture> pictures =
        train::pictures_of(record, findings.survey.grid, dataset, split);
    ordered_json key = key_json(record, pictures, findings.survey.grid);
    key["adds"] = shifts_json(findings.effects[row], dataset.info());
    if (findings.projected.defined()) {
      key["projected"] = shifts_json(findings.projected[row], dataset.info());
    }
    const std::string file = fmt::format("key-{:04}.png", record.key);
    train::draw_key_sheet(folder / file,
                          sheet_of(findings,
                                   record,
                                   std::move(pictures),
                                   train::sorted_shifts(findings.effects[row], dataset.info())));
    key["sheet"] = file;
    json["keys"].push_back(std::move(key));
  }
  io::write_text_file_atomically(folder / "memory.json", json.dump(2) + "\n");
  return json;
}

Table memory_table(const MemoryFindings& findings, const DatasetInfo& info) {
  Table table;
  table.title = fmt::format("{}, {} keys, {} samples of {}",
                            findings.found.path,
                            findings.survey.keys.size(),
                            train::count_text(static_cast<double>(findings.survey.samples)),
                            findings.split);
  table.columns = {"key", "strongest", "mean", "active", "adds most to", "", "takes most from", ""};
  for (size_t i = 0; i < findings.shown.size(); ++i) {
    const KeyRecord& record = findings.shown[i];
    const auto shifts = train::sorted_shifts(findings.effects[static_cast<int64_t>(i)], info);
    table.rows.push_back({std::to_string(record.key),
                          fmt::format("{:.3g}", record.triggers.front().coefficient),
                          fmt::format("{:.3g}", record.mean),
                          percent(record.active_share),
                          shifts.front().name,
                          fmt::format("{:+.3g}", shifts.front().score),
                          shifts.back().name,
                          fmt::format("{:+.3g}", shifts.back().score)});
  }
  return table;
}

}  // namespace mixwright::cli
