#include "framework/cli/weight_table.h"

#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>

#include "framework/cli/text_table.h"

namespace mixwright::cli {

namespace {

using model::WeightFault;

/// The nearest name, or the reason where there is one.
std::string remark(const WeightFault& fault) {
  if (!fault.reason.empty()) return fault.reason;
  return fault.nearest.empty() ? "" : "nearest: " + fault.nearest;
}

void print_faults(const std::vector<WeightFault>& faults) {
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
  std::vector<std::vector<std::string>> rows = {{"", "tensor", "expected", "given", ""}};
  for (const WeightFault& fault : faults) {
    rows.push_back(
        {fault.word(), fault.name, or_dash(fault.expected), or_dash(fault.given), remark(fault)});
  }
  std::cerr << text_table(rows);
}

void print_faults_as_json(const std::vector<WeightFault>& faults) {
  nlohmann::json list = nlohmann::json::array();
  for (const WeightFault& fault : faults) {
    list.push_back({{"fault", fault.word()},
                    {"tensor", fault.name},
                    {"in_network", fault.ours},
                    {"expected", fault.expected},
                    {"given", fault.given},
                    {"nearest", fault.nearest},
                    {"reason", fault.reason}});
  }
  std::cout << nlohmann::json{{"written", false}, {"faults", list}}.dump(2) << "\n";
}

}  // namespace

void refuse_faults(const std::vector<WeightFault>& faults,
                   const std::string& file,
                   const std::string& network,
                   const std::string& advice,
                   bool json) {
  if (faults.empty()) return;
  json ? print_faults_as_json(faults) : print_faults(faults);
  std::string counts;
  for (const auto kind : {WeightFault::Kind::kMissing,
                          WeightFault::Kind::kUnexpected,
                          WeightFault::Kind::kMisshapen}) {
    const auto of_kind = [&](const WeightFault& fault) { return fault.kind == kind; };
    const auto count = std::count_if(faults.begin(), faults.end(), of_kind);
    if (count == 0) continue;
    counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " +
              std::find_if(faults.begin(), faults.end(), of_kind)->word();
  }
  throw Error(file + " does not fit " + network + ": " + counts + "; nothing was written" + advice);
}

}  // namespace mixwright::cli
