#include <algorithm>
#include <numeric>

#include <mixwright/conformance.h>

#include "checker.h"

namespace mixwright::conformance {

size_t Report::count(Outcome outcome) const {
  return static_cast<size_t>(std::count_if(
      checks.begin(), checks.end(), [&](const Check& check) { return check.outcome == outcome; }));
}

double Report::seconds() const {
  return std::accumulate(checks.begin(), checks.end(), 0.0, [](double sum, const Check& check) {
    return sum + check.seconds;
  });
}

Report check(const Subject& subject) {
  Report report;
  report.kind = subject.entry->kind;
  report.component = subject.name;
  Checker checker(subject, report);
  check_description(subject, checker);
  if (report.kind == "dataset") {
    check_dataset(subject, checker);
  } else if (report.kind == "transform") {
    check_transform(subject, checker);
  } else if (report.kind == "task") {
    check_task(subject, checker);
  } else if (report.kind == "lagrangian") {
    check_lagrangian(subject, checker);
  } else if (report.kind == "synapse") {
    check_synapse(subject, checker);
  } else {
    check_layer(subject, checker);
  }
  return report;
}

std::string text(const Report& report, bool every_check) {
  std::string result = report.kind + " " + report.component + ": " +
                       std::to_string(report.count(Outcome::kPassed)) + " passed, " +
                       std::to_string(report.count(Outcome::kFailed)) + " failed, " +
                       std::to_string(report.count(Outcome::kSkipped)) + " skipped\n";
  for (const Check& check : report.checks) {
    if (check.outcome == Outcome::kPassed && !every_check) continue;
    const char* word = check.outcome == Outcome::kPassed   ? "ok      "
                       : check.outcome == Outcome::kFailed ? "FAILED  "
                                                           : "skipped ";
    result += std::string("  ") + word + check.name +
              (check.detail.empty() ? "" : ": " + check.detail) + "\n";
  }
  return result;
}

}  // namespace mixwright::conformance
