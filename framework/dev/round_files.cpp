#include "framework/dev/round_files.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>

#include "framework/config/loader.h"
#include "framework/train/metrics_log.h"
#include "framework/train/run_folder.h"

namespace mixwright::dev {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

void add(const Json& report, CheckReport& result) {
  const std::string subject =
      report.at("kind").get<std::string>() + " " + report.at("component").get<std::string>();
  for (const Json& check : report.at("checks")) {
    const auto outcome = check.at("outcome").get<std::string>();
    if (outcome == "passed") {
      ++result.counts.passed;
    } else if (outcome == "skipped") {
      ++result.counts.skipped;
    } else {
      ++result.counts.failed;
      result.failures.push_back(subject + ": " + check.at("name").get<std::string>() + ": " +
                                first_line(check.at("detail").get<std::string>()));
    }
  }
}

bool is_of(const std::string& component, const std::vector<BuiltPlugin>& plugins) {
  return std::any_of(plugins.begin(), plugins.end(), [&](const BuiltPlugin& plugin) {
    return component.ends_with(", " + plugin.copy.filename().string());
  });
}

/// A loss as metrics.jsonl has it: a number, or the name of one that is not finite.
std::string loss_text(const Json& line) {
  const Json& loss = line.at("loss");
  if (loss.is_string()) return loss.get<std::string>();
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", loss.get<double>());
  return text.data();
}

int64_t integer_in(const ConfigValue& table, const char* key) {
  const ConfigValue* value = table.find(key);
  return value == nullptr ? 1 : value->as_integer();
}

/// Samples of a step, which metrics.jsonl does not tell.
int64_t samples_of_step(const fs::path& run) {
  const config::LoadedConfig config = config::load((run / "config.toml").string());
  const ConfigValue* train = config.root.find("train");
  if (train == nullptr) return 1;
  return integer_in(*train, "batch_size") * integer_in(*train, "accumulate");
}

}  // namespace

std::optional<CheckReport> checks_in(const std::string& text) {
  try {
    CheckReport result;
    const Json json = Json::parse(text);
    for (const Json& report : json.at("components")) add(report, result);
    return result;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::optional<ModelCounts> model_in(const std::string& text,
                                    const std::vector<BuiltPlugin>& plugins) {
  try {
    const Json json = Json::parse(text);
    ModelCounts counts;
    counts.parameters = json.at("parameters").get<int64_t>();
    counts.macs = json.at("macs").get<int64_t>();
    for (const Json& part : json.at("parts")) {
      const auto component = part.at("component").get<std::string>();
      if (!is_of(component, plugins)) continue;
      counts.parts.push_back({part.at("path").get<std::string>(),
                              component.substr(0, component.find(',')),
                              part.at("out_shape").get<std::string>(),
                              part.at("parameters").get<int64_t>(),
                              part.at("macs").get<int64_t>()});
    }
    return counts;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::optional<StepCounts> steps_in(const fs::path& run) {
  try {
    StepCounts counts;
    std::vector<double> seconds;
    const auto samples = static_cast<double>(samples_of_step(run));
    for (const Json& line : train::MetricsLog::read(run / "metrics.jsonl")) {
      if (line.at("kind") != "train") continue;
      ++counts.steps;
      if (counts.first_loss.empty()) counts.first_loss = loss_text(line);
      counts.last_loss = loss_text(line);
      const double rate = line.at("samples_per_second").get<double>();
      if (rate > 0) seconds.push_back(samples / rate);
    }
    if (seconds.empty()) return std::nullopt;
    std::sort(seconds.begin(), seconds.end());
    counts.seconds = seconds[seconds.size() / 2];
    return counts;
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace mixwright::dev
