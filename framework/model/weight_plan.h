#pragma once

#include <string>
#include <vector>

#include "framework/model/weight_rule.h"

namespace mixwright::model {

/// One use of a rule: these tensors become those.
struct WeightMove {
  const WeightRule* rule = nullptr;
  std::vector<std::string> from;
  std::vector<std::string> to;
};

/// A tensor that does not fit.
struct WeightFault {
  enum class Kind { kMissing, kUnexpected, kMisshapen };
  Kind kind = Kind::kMissing;
  std::string name;      ///< as the file calls it, or would; the network's name where that is open
  std::string ours;      ///< the network's name; empty: none
  std::string expected;  ///< shape in the file; empty: none
  std::string given;
  std::string nearest;  ///< name that may be meant; empty: none is near
  std::string reason;   ///< where the shapes do not tell; empty else

  const char* word() const;  ///< `missing`
  /// `"a.weight" is missing, [3, 4] expected; did you mean …?`
  std::string text() const;
};

/// What a map would do with tensors of given names and shapes.
struct WeightPlan {
  std::vector<WeightMove> moves;
  std::vector<WeightMove> misshapen;  ///< those of them whose result has another shape
  std::vector<WeightFault> faults;    ///< by name
  std::vector<std::string> dropped;   ///< of the sources
  std::vector<std::string> kept;      ///< of the targets: nothing fills them, and a rule says so
};

}  // namespace mixwright::model
