#include "framework/bench/report.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "framework/bench/spread.h"
#include "framework/io/text.h"

namespace mixwright::bench {

using nlohmann::ordered_json;

namespace {

constexpr double kMilli = 1e3;
constexpr double kGiga = 1e9;

const char* mode_word(Mode mode) {
  return mode == Mode::kTraining ? "training" : "inference";
}

/// Ours / theirs, by rounds: below 1 we are faster.
MedianInterval ratio_to(const SideResult& ours, const SideResult& peer) {
  return median_interval(paired_ratios(ours.seconds, peer.seconds));
}

std::vector<std::string> row_of(const Finished& finished, size_t index, const Peak& peak) {
  const SideResult& side = finished.results[index];
  std::vector<std::string> row = {side.name};
  if (!side.is_measured()) {
    row.resize(8, "-");
    return row;
  }
  const Spread time = spread_of(side.seconds);
  const double flops = operations_of(finished.contest) / time.median;
  row.push_back(fmt::format("{:.2f}", time.median * kMilli));
  row.push_back(fmt::format("{:.2f}-{:.2f}", time.low * kMilli, time.high * kMilli));
  if (index == 0) {
    row.insert(row.end(), {"-", "-"});
  } else {
    const MedianInterval ratio = ratio_to(finished.results.front(), side);
    row.push_back(fmt::format("{:.3f}", ratio.median));
    row.push_back(
        fmt::format("{:.3f}-{:.3f} ({:.0f} %)", ratio.low, ratio.high, 100 * ratio.confidence));
  }
  row.push_back(fmt::format("{:.1f}", flops / kGiga));
  row.push_back(fmt::format("{:.1f} %", 100 * flops / peak.flops));
  row.push_back(fmt::format("{:.0f}", side.memory_mb));
  return row;
}

ordered_json side_json(const Finished& finished, size_t index, const Peak& peak) {
  const SideResult& side = finished.results[index];
  ordered_json json = {{"name", side.name}, {"form", side.form}};
  if (side.difference) {
    // JSON has no infinity.
    json["difference"] = std::isfinite(*side.difference) ? ordered_json(*side.difference) : nullptr;
  }
  if (!side.is_measured()) {
    json["failure"] = side.failure;
    json["wrong_answer"] = side.wrong;
    return json;
  }
  const Spread time = spread_of(side.seconds);
  const double flops = operations_of(finished.contest) / time.median;
  json["milliseconds"] = {{"median", time.median * kMilli},
                          {"first_quartile", time.low * kMilli},
                          {"third_quartile", time.high * kMilli}};
  json["samples_per_second"] = static_cast<double>(finished.contest.batch) / time.median;
  json["gflops"] = flops / kGiga;
  json["share_of_peak"] = flops / peak.flops;
  json["memory_mb"] = side.memory_mb;
  json["seconds"] = side.seconds;
  if (index > 0) {
    const MedianInterval ratio = ratio_to(finished.results.front(), side);
    json["ours_to_theirs"] = {{"median", ratio.median},
                              {"low", ratio.low},
                              {"high", ratio.high},
                              {"confidence", ratio.confidence}};
  }
  return json;
}

}  // namespace

bool Report::has_wrong_answer() const {
  return std::any_of(contests.begin(), contests.end(), [](const Finished& finished) {
    return std::any_of(finished.results.begin(),
                       finished.results.end(),
                       [](const SideResult& side) { return side.wrong; });
  });
}

double operations_of(const Contest& contest) {
  const double forward = 2.0 * static_cast<double>(contest.macs * contest.batch);
  return contest.mode == Mode::kTraining ? 3 * forward : forward;
}

Table result_table(const Finished& finished, const Peak& peak) {
  const Contest& contest = finished.contest;
  Table table;
  table.title = fmt::format("{}, {}, batch {}, input {}, {:.3f} GMAC a sample, {} rounds",
                            contest.network,
                            mode_word(contest.mode),
                            contest.batch,
                            fmt::format("{}", fmt::join(contest.shape, "x")),
                            static_cast<double>(contest.macs) / kGiga,
                            contest.rounds);
  table.columns = {
      "side", "ms", "quartiles", "ours/theirs", "interval", "GFLOP/s", "of peak", "MB"};
  for (size_t i = 0; i < finished.results.size(); ++i) {
    table.rows.push_back(row_of(finished, i, peak));
  }
  return table;
}

std::string report_json(const Report& report) {
  ordered_json json = {{"format", 1},
                       {"time", io::utc_now()},
                       {"command_line", report.command_line},
                       {"versions", report.versions},
                       {"threads", report.threads},
                       {"precision", report.precision},
                       {"peak_gflops", report.peak.flops / kGiga},
                       {"peak_instruction_set", report.peak.instruction_set},
                       {"contests", ordered_json::array()}};
  for (const Finished& finished : report.contests) {
    const Contest& contest = finished.contest;
    ordered_json entry = {{"config", contest.config},
                          {"network", contest.network},
                          {"mode", mode_word(contest.mode)},
                          {"batch", contest.batch},
                          {"input", contest.shape},
                          {"macs_a_sample", contest.macs},
                          {"rounds", contest.rounds},
                          {"sides", ordered_json::array()}};
    for (size_t i = 0; i < finished.results.size(); ++i) {
      entry["sides"].push_back(side_json(finished, i, report.peak));
    }
    json["contests"].push_back(std::move(entry));
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mixwright::bench
