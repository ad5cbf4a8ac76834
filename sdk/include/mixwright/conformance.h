#pragma once

#include <string>
#include <vector>

#include <mixwright/plugin.h>

namespace mixwright::conformance {

enum class Outcome { kPassed, kFailed, kSkipped };

/// One promise of a component, put to the test.
struct MIXWRIGHT_API Check {
  std::string name;
  Outcome outcome = Outcome::kPassed;
  std::string detail;  ///< why it failed or was skipped; what was found
};

struct MIXWRIGHT_API Report {
  std::string kind;
  std::string component;
  std::vector<Check> checks;
  size_t count(Outcome outcome) const;
};

/// A component under test.
struct MIXWRIGHT_API Subject {
  const ComponentEntry* entry = nullptr;
  std::string name;     ///< as the factory knows it, may be `plugin:component`
  ConfigValue example;  ///< options of the entry's example, a table or "nothing"
  const ComponentFactory* factory = nullptr;
};

/// Puts one component through the suite: it is built from its printed defaults, keeps its shape on
/// two sizes and every grid rank it declares, gives contiguous outputs and input gradients in
/// float32, float64 and bfloat16, its gradients equal finite differences, all its parameters get
/// one, evaluation is repeatable and leaves the input alone, saved and loaded it answers the same,
/// its options are those that `describe` prints, and it memorises a batch of eight.
MIXWRIGHT_API Report check(const Subject& subject);

/// `token_mixer pooling: 12 passed, 0 failed, 1 skipped` and a line for each check that did not
/// pass.
MIXWRIGHT_API std::string text(const Report& report, bool every_check);

}  // namespace mixwright::conformance
