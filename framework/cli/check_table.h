#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <mixwright/conformance.h>

#include "framework/plugin/library.h"

namespace mixwright::cli {

/// The facts of a plugin's library, a line each.
std::string check_facts_text(const plugin::Library& library);

/// Component by component what was checked, one line for each and one for what did not pass. Its
/// columns are as wide as the plugin's names, so that lines can be printed as they come.
class CheckTable {
 public:
  CheckTable(const plugin::Library& library, bool every_check);
  std::string head() const;
  std::string rows(const conformance::Report& report) const;

 private:
  size_t width_ = 0;
  bool every_check_;
};

/// `11 components: 290 checks passed, 0 failed, 24 skipped`
std::string check_totals_text(const std::vector<conformance::Report>& reports);

/// Everything, for programs. The first report is the plugin's own.
nlohmann::ordered_json check_json_of(const plugin::Library& library,
                                     const std::vector<conformance::Report>& reports,
                                     bool quick);

}  // namespace mixwright::cli
