#pragma once

#include <functional>
#include <string>
#include <vector>

#include <mixwright/plugin.h>

namespace mixwright::conformance {

enum class Outcome { kPassed, kFailed, kSkipped };

/// How much is tried: kQuick runs nearly every check on one size of each grid rank, kFull on two,
/// and adds what takes its time: memory over 1,000 calls, and learning.
enum class Tier { kQuick, kFull };

/// One promise of a component, put to the test.
struct MIXWRIGHT_API Check {
  std::string name;
  Outcome outcome = Outcome::kPassed;
  std::string detail;  ///< why it failed or was skipped; what was found
  double seconds = 0;
};

struct MIXWRIGHT_API Report {
  std::string kind;
  std::string component;
  std::vector<Check> checks;
  size_t count(Outcome outcome) const;
  double seconds() const;
};

/// A component under test.
struct MIXWRIGHT_API Subject {
  const ComponentEntry* entry = nullptr;
  std::string name;     ///< as the factory knows it, may be `plugin:component`
  ConfigValue example;  ///< options of the entry's example, a table or "nothing"
  const ComponentFactory* factory = nullptr;
  Tier tier = Tier::kFull;
  std::function<void(const std::string& check)> on_start;  ///< may be empty
  std::function<void(const Check& check)> on_end;          ///< may be empty
};

/// Puts one component through the suite; docs/writing_a_plugin.md says what is checked. A check is
/// skipped only where the component declares that it cannot be: a need or a grid rank, a frozen
/// parameter, or an Error from its constructor for a size that it does not take.
///
/// A crash or an endless loop of the component is the caller's, too: run it in a process of its
/// own, and let `on_start` leave behind where it was.
MIXWRIGHT_API Report check(const Subject& subject);

/// `token_mixer pooling: 12 passed, 0 failed, 1 skipped` and a line for each check that did not
/// pass.
MIXWRIGHT_API std::string text(const Report& report, bool every_check);

}  // namespace mixwright::conformance
