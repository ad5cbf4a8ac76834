#include "framework/dev/round_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "framework/io/text.h"
#include "framework/plugin/sha256.h"

namespace mixwright::dev {

namespace {

constexpr size_t kMostParts = 6;

std::string number_text(const char* format, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string count_of(int64_t value) {
  return io::grouped(static_cast<uint64_t>(value));
}

std::string step_text(double seconds) {
  return seconds < 1 ? number_text("%.3g ms", seconds * 1000) : number_text("%.3g s", seconds);
}

void add_time(std::string& line, const char* phase, const std::optional<double>& seconds) {
  if (seconds)
    line +=
        (line.ends_with(":") ? " " : ", ") + std::string(phase) + number_text(" %.1f s", *seconds);
}

std::string times_line(const PhaseTimes& times) {
  std::string line = "times     " + number_text("%.1f s", times.together) + " together:";
  add_time(line, "configure", times.configure);
  add_time(line, "build", times.build);
  add_time(line, "check", times.check);
  add_time(line, "model", times.model);
  add_time(line, "train", times.train);
  return line;
}

std::string plugins_line(const RoundResult& result) {
  std::string line;
  for (const BuiltPlugin& plugin : result.plugins) {
    line += (line.empty() ? "plugin    " : ", ") + plugin.name + " " + plugin.version +
            " (SHA-256 " + plugin::shortened(plugin.sha256) + ")";
  }
  return line;
}

void add_model(std::vector<std::string>& lines, const ModelCounts& model) {
  lines.push_back("model     " + count_of(model.parameters) + " parameters, " +
                  count_of(model.macs) + " multiply-accumulates for a sample");
  for (size_t i = 0; i < std::min(model.parts.size(), kMostParts); ++i) {
    const PartRow& part = model.parts[i];
    lines.push_back("          " + part.path + " (" + part.component + ") -> " + part.out_shape +
                    ", " + count_of(part.parameters) + " parameters, " + count_of(part.macs));
  }
  if (model.parts.size() > kMostParts) {
    lines.push_back("          and " + std::to_string(model.parts.size() - kMostParts) +
                    " more parts of it");
  }
}

std::string headline(const RoundResult& result, const std::vector<std::string>& saved) {
  std::string line = result.succeeded() ? "all well" : "";
  for (const Problem& problem : result.problems) {
    line += (line.empty() ? "" : ", ") + problem.title;
  }
  if (saved.empty()) return line;
  line += " after the save of";
  for (const std::string& name : saved) line += (&name == &saved.front() ? " " : ", ") + name;
  return line;
}

}  // namespace

std::vector<std::string> round_lines(const RoundResult& result,
                                     const std::vector<std::string>& saved) {
  std::vector<std::string> lines = {headline(result, saved)};
  if (!result.plugins.empty()) lines.push_back(plugins_line(result));
  lines.push_back(times_line(result.times));
  if (result.checks) {
    lines.push_back("checks    " + std::to_string(result.checks->passed) + " passed, " +
                    std::to_string(result.checks->failed) + " failed, " +
                    std::to_string(result.checks->skipped) + " skipped");
  }
  if (result.model) add_model(lines, *result.model);
  if (result.training) {
    lines.push_back("training  " + count_of(result.training->steps) + " steps, loss " +
                    result.training->first_loss + " -> " + result.training->last_loss + ", " +
                    step_text(result.training->seconds) + " for a step");
  }
  for (const std::string& warning : result.warnings) lines.push_back("warning   " + warning);
  for (const Problem& problem : result.problems) {
    lines.emplace_back();
    lines.push_back(problem.title + ":");
    lines.insert(lines.end(), problem.lines.begin(), problem.lines.end());
  }
  return lines;
}

}  // namespace mixwright::dev
