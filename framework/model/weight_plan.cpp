#include "framework/model/weight_plan.h"

namespace mixwright::model {

const char* WeightFault::word() const {
  switch (kind) {
    case Kind::kMissing:
      return "missing";
    case Kind::kUnexpected:
      return "unexpected";
    case Kind::kMisshapen:
      break;
  }
  return "misshapen";
}

std::string WeightFault::text() const {
  std::string result = "\"" + name + "\" is " + word();
  if (!given.empty()) result += ", " + given;
  if (!expected.empty()) result += (given.empty() ? ", " : " where ") + expected + " is expected";
  if (!reason.empty()) result += ": " + reason;
  if (!nearest.empty()) result += "; did you mean \"" + nearest + "\"?";
  return result;
}

}  // namespace mixwright::model
