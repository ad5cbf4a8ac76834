#include "framework/cli/check_records.h"

namespace mixwright::cli {

namespace {

conformance::Outcome outcome_of(const std::string& name) {
  for (const auto outcome : {conformance::Outcome::kPassed, conformance::Outcome::kSkipped}) {
    if (name == outcome_name(outcome)) return outcome;
  }
  return conformance::Outcome::kFailed;
}

}  // namespace

const char* outcome_name(conformance::Outcome outcome) {
  switch (outcome) {
    case conformance::Outcome::kPassed:
      return "passed";
    case conformance::Outcome::kFailed:
      return "failed";
    case conformance::Outcome::kSkipped:
      return "skipped";
  }
  return "";
}

void CheckRecords::write(const nlohmann::ordered_json& line) {
  // What a plugin says may be in any encoding.
  out_ << line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
}

void CheckRecords::start(int component, const std::string& check) {
  write({{"begins", check}, {"component", component}});
}

void CheckRecords::end(int component, const conformance::Check& check) {
  write({{"ends", check_json(check)}, {"component", component}});
}

void CheckRecords::refused(const std::string& why) {
  write({{"refused", why}});
}

void CheckRecords::finished() {
  write({{"finished", true}});
}

nlohmann::ordered_json check_json(const conformance::Check& check) {
  return {{"name", check.name},
          {"outcome", outcome_name(check.outcome)},
          {"detail", check.detail},
          {"seconds", check.seconds}};
}

conformance::Check check_of(const nlohmann::ordered_json& json) {
  return {json.at("name").get<std::string>(),
          outcome_of(json.at("outcome").get<std::string>()),
          json.at("detail").get<std::string>(),
          json.at("seconds").get<double>()};
}

nlohmann::ordered_json CheckRecordReader::next() {
  std::ifstream in(file_);
  in.seekg(position_);
  std::string line;
  // A line that is still being written ends with the file.
  if (!std::getline(in, line) || in.eof()) return nullptr;
  position_ = in.tellg();
  return nlohmann::ordered_json::parse(line);
}

}  // namespace mixwright::cli
