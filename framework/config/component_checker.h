#pragma once

#include <memory>
#include <string>
#include <vector>

#include "framework/config/schema_lookup.h"

namespace mixwright::config {

/// Checks the components of a config without building them, nested ones included: their types,
/// their options, where lists may stand.
class ConfigChecker final : public ComponentChecker {
 public:
  /// `lookup` outlives the checker.
  explicit ConfigChecker(const SchemaLookup& lookup);

  void check(const std::string& kind,
             const ConfigValue& value,
             Diagnostics& diagnostics) const override;

  /// Warns of a list of components that is longer than the depth that it cycles over.
  void check_length(const std::string& kind,
                    const ConfigValue& list,
                    Diagnostics& diagnostics) const;

  /// The same below a block of a stage with `depth` blocks, where a list cycles over them.
  ConfigChecker below_block(int64_t depth) const;

 private:
  void check_list(const std::string& kind, const ConfigValue& list, Diagnostics& diagnostics) const;
  void check_one(const std::string& kind, const ConfigValue& value, Diagnostics& diagnostics) const;
  bool enter(const std::string& kind,
             const ConfigValue& value,
             const std::vector<std::string>& parts,
             Diagnostics& diagnostics);
  std::string unknown_type(const std::string& kind,
                           const std::string& name,
                           const std::string& reason) const;

  const SchemaLookup* lookup_;
  std::shared_ptr<int64_t> checked_;  // components so far, of all checkers that came from one
  std::vector<std::string> entered_;  // the parts around what is checked
  bool in_block_ = false;
  int64_t depth_ = 0;  // blocks of the stage; 0: not known
};

}  // namespace mixwright::config
