#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mixwright/config_value.h>

namespace mixwright {

enum class OptionType { kBool, kInteger, kNumber, kString, kChoice, kComponent, kLayer, kTable };

/// One option of a component as data: what `describe`, the reference and the JSON Schema print.
struct MIXWRIGHT_API OptionSpec {
  std::string name;
  OptionType type = OptionType::kTable;
  bool is_list = false;
  bool is_optional = false;  ///< may be left out and then means "not given"
  bool required = false;
  std::optional<double> at_least;
  std::optional<double> at_most;
  bool odd = false;
  std::vector<std::string> choices;
  std::string component_kind;      ///< kComponent: the kind that may stand here
  std::vector<OptionSpec> fields;  ///< kTable: the nested options
  ConfigValue default_value;       ///< "nothing" where there is none
  std::string doc;

  /// `integer >= 1, odd`, `one of "all", "channels"`, `a token mixer`, `list of numbers`.
  std::string type_text() const;
};

using OptionSchema = std::vector<OptionSpec>;

/// Checks nested components while options are read; implemented by the host.
class MIXWRIGHT_API ComponentChecker {
 public:
  virtual ~ComponentChecker();
  /// Adds to `diagnostics` all that is wrong with `value` as one component of `kind`.
  virtual void check(const std::string& kind,
                     const ConfigValue& value,
                     Diagnostics& diagnostics) const = 0;
};

/// `token_mixer` -> `token mixer`.
MIXWRIGHT_API std::string kind_words(std::string_view kind);

/// The kinds that are layers, which map features to features and may be strung together.
MIXWRIGHT_API const std::vector<std::string>& layer_kinds();

/// The key of a kind in a config is its name; `norm` is short for `normalization`.
MIXWRIGHT_API std::string kind_of_key(std::string_view key);
MIXWRIGHT_API std::string key_of_kind(std::string_view kind);

}  // namespace mixwright
