#include "framework/cli/check_table.h"

#include <algorithm>
#include <cstdio>

#include "framework/cli/check_records.h"
#include "framework/cli/text_table.h"

namespace mixwright::cli {

namespace {

using conformance::Check;
using conformance::Outcome;
using conformance::Report;

std::string name_of(const Report& report) {
  return report.kind + " " + report.component;
}

std::string or_none(const std::string& text) {
  return text.empty() ? "none" : text;
}

std::string libstdcxx_words(const plugin::OldestRuntimes& oldest) {
  if (oldest.libstdcxx.empty() || oldest.cxxabi.empty()) {
    return or_none(oldest.libstdcxx + oldest.cxxabi);
  }
  return oldest.libstdcxx + " and " + oldest.cxxabi;
}

std::string line(const std::string& name,
                 size_t width,
                 const std::string& passed,
                 const std::string& failed,
                 const std::string& skipped,
                 const std::string& seconds) {
  char text[80];
  std::snprintf(text,
                sizeof text,
                "  %6s  %6s  %7s  %7s\n",
                passed.c_str(),
                failed.c_str(),
                skipped.c_str(),
                seconds.c_str());
  return "  " + name + std::string(width - std::min(width, name.size()), ' ') + text;
}

std::string detail_line(const Check& check) {
  const char* word = check.outcome == Outcome::kPassed   ? "ok       "
                     : check.outcome == Outcome::kFailed ? "FAILED   "
                                                         : "skipped  ";
  return std::string("      ") + word + check.name +
         (check.detail.empty() ? "" : ": " + check.detail) + "\n";
}

size_t count_in(const std::vector<Report>& reports, Outcome outcome) {
  size_t sum = 0;
  for (const Report& report : reports) sum += report.count(outcome);
  return sum;
}

nlohmann::ordered_json facts_json(const plugin::Library& library) {
  const plugin::PluginNote& note = library.note;
  return {{"name", note.name},
          {"version", note.version},
          {"license", note.license},
          {"file", library.file.string()},
          {"sha256", library.sha256()},
          {"sdk_abi", note.sdk_abi},
          {"libtorch", note.libtorch},
          {"compiler", note.compiler},
          {"standard_library", note.standard_library},
          {"sanitizer", note.sanitizer},
          {"assertions", note.assertions},
          {"needs_glibc", library.oldest.glibc},
          {"needs_libstdcxx", library.oldest.libstdcxx},
          {"needs_cxxabi", library.oldest.cxxabi},
          {"warnings", library.warnings}};
}

}  // namespace

std::string check_facts_text(const plugin::Library& library) {
  const plugin::PluginNote& note = library.note;
  std::string text =
      note.name + " " + note.version + "\n" +
      text_table({{"license", note.license},
                  {"file", library.file.string()},
                  {"sha256", library.sha256()},
                  {"SDK ABI", std::to_string(note.sdk_abi)},
                  {"LibTorch", note.libtorch},
                  {"needs glibc", or_none(library.oldest.glibc)},
                  {"needs libstdc++", libstdcxx_words(library.oldest)},
                  {"built",
                   "by " + note.compiler + " with " + note.standard_library + ", sanitizer " +
                       note.sanitizer + ", assertions " + note.assertions}});
  for (const std::string& warning : library.warnings) text += "  warning: " + warning + "\n";
  return text + "\n";
}

CheckTable::CheckTable(const plugin::Library& library, bool every_check)
    : every_check_(every_check) {
  for (const plugin::ComponentFact& fact : library.note.components) {
    width_ = std::max(width_, fact.kind.size() + 1 + fact.name.size());
  }
  width_ = std::max(width_, sizeof "plugin" + library.note.name.size());
}

std::string CheckTable::head() const {
  return line("component", width_, "passed", "failed", "skipped", "seconds");
}

std::string CheckTable::rows(const Report& report) const {
  if (report.checks.empty()) return line(name_of(report), width_, "-", "-", "-", "-");
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.2f", report.seconds());
  std::string text = line(name_of(report),
                          width_,
                          std::to_string(report.count(Outcome::kPassed)),
                          std::to_string(report.count(Outcome::kFailed)),
                          std::to_string(report.count(Outcome::kSkipped)),
                          seconds);
  for (const Check& check : report.checks) {
    if (check.outcome != Outcome::kPassed || every_check_) text += detail_line(check);
  }
  return text;
}

std::string check_totals_text(const std::vector<Report>& reports) {
  const size_t components = reports.size() - 1;
  return std::to_string(components) + (components == 1 ? " component: " : " components: ") +
         std::to_string(count_in(reports, Outcome::kPassed)) + " checks passed, " +
         std::to_string(count_in(reports, Outcome::kFailed)) + " failed, " +
         std::to_string(count_in(reports, Outcome::kSkipped)) + " skipped\n";
}

nlohmann::ordered_json check_json_of(const plugin::Library& library,
                                     const std::vector<Report>& reports,
                                     bool quick) {
  nlohmann::ordered_json json;
  json["plugin"] = facts_json(library);
  json["tier"] = quick ? "quick" : "full";
  for (const auto outcome : {Outcome::kPassed, Outcome::kFailed, Outcome::kSkipped}) {
    json[outcome_name(outcome)] = count_in(reports, outcome);
  }
  json["components"] = nlohmann::ordered_json::array();
  for (const Report& report : reports) {
    nlohmann::ordered_json checks = nlohmann::ordered_json::array();
    for (const Check& check : report.checks) checks.push_back(check_json(check));
    json["components"].push_back({{"kind", report.kind},
                                  {"component", report.component},
                                  {"seconds", report.seconds()},
                                  {"checks", std::move(checks)}});
  }
  return json;
}

}  // namespace mixwright::cli
