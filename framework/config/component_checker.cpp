#include "framework/config/component_checker.h"

#include <algorithm>

#include "framework/config/components.h"

namespace mixwright::config {

namespace {

// Parts made of parts can multiply a page of text into any number of components.
constexpr int64_t kMaxComponents = 20000;

// A part may lie within another use of itself whose options are overridden; without end it may not.
constexpr int64_t kMaxSelf = 8;

}  // namespace

ConfigChecker::ConfigChecker(const SchemaLookup& lookup)
    : lookup_(&lookup), checked_(std::make_shared<int64_t>(0)) {}

ConfigChecker ConfigChecker::below_block(int64_t depth) const {
  ConfigChecker inner = *this;
  inner.in_block_ = true;
  inner.depth_ = depth;
  return inner;
}

void ConfigChecker::check(const std::string& kind,
                          const ConfigValue& value,
                          Diagnostics& diagnostics) const {
  if (value.is_array()) {
    check_list(kind, value, diagnostics);
  } else {
    check_one(kind, value, diagnostics);
  }
}

void ConfigChecker::check_list(const std::string& kind,
                               const ConfigValue& list,
                               Diagnostics& diagnostics) const {
  const ConfigValue::Array& entries = list.as_array();
  if (!in_block_) {
    diagnostics.error(list.location(),
                      "one " + kind_words(kind) +
                          " expected, a list found; only below a block does a list cycle over the "
                          "blocks of a stage");
    return;
  }
  if (entries.empty()) {
    diagnostics.error(list.location(),
                      "a list of " + kind_words(kind) + "s is empty; \"none\" leaves it out");
  }
  check_length(kind, list, diagnostics);
  for (const ConfigValue& entry : entries) check_one(kind, entry, diagnostics);
}

void ConfigChecker::check_length(const std::string& kind,
                                 const ConfigValue& list,
                                 Diagnostics& diagnostics) const {
  const auto size = static_cast<int64_t>(list.as_array().size());
  if (depth_ <= 0 || size <= depth_) return;
  diagnostics.warning(list.location(),
                      "a list of " + std::to_string(size) + " " + kind_words(kind) +
                          "s for a depth of " + std::to_string(depth_) + ": those behind number " +
                          std::to_string(depth_) + " are not used");
}

void ConfigChecker::check_one(const std::string& kind,
                              const ConfigValue& value,
                              Diagnostics& diagnostics) const {
  std::vector<std::string> parts;
  const ConfigValue table = resolve_component(value, lookup_->parts(), diagnostics, kind, &parts);
  if (table.is_nothing()) return;
  ConfigChecker inner = *this;
  if (!inner.enter(kind, value, parts, diagnostics)) return;
  const ConfigValue& type = *table.find("type");
  try {
    lookup_->validate(kind, type.as_string(), table, inner, diagnostics);
  } catch (const UsageError& error) {
    diagnostics.error(type.location(), unknown_type(kind, type.as_string(), error.what()));
  }
}

/// Makes this the checker of what lies within a component; false where it must not be entered.
bool ConfigChecker::enter(const std::string& kind,
                          const ConfigValue& value,
                          const std::vector<std::string>& parts,
                          Diagnostics& diagnostics) {
  if (++*checked_ > kMaxComponents) {
    if (*checked_ == kMaxComponents + 1) {
      diagnostics.error(value.location(),
                        "more than " + std::to_string(kMaxComponents) +
                            " components; parts that name parts multiply");
    }
    return false;
  }
  for (const std::string& part : parts) {
    if (std::count(entered_.begin(), entered_.end(), part) >= kMaxSelf) {
      const auto last = std::find(entered_.rbegin(), entered_.rend(), part);
      std::string circle;
      for (auto name = last.base() - 1; name != entered_.end(); ++name) {
        circle += "\"" + *name + "\" -> ";
      }
      diagnostics.error(value.location(), "a part contains itself: " + circle + "\"" + part + "\"");
      return false;
    }
    entered_.push_back(part);
  }
  if (kind == "block") in_block_ = true;
  return true;
}

/// The lookup knows the installed names and says where it searched; a part's name may be nearer.
std::string ConfigChecker::unknown_type(const std::string& kind,
                                        const std::string& name,
                                        const std::string& reason) const {
  if (lookup_->parts() == nullptr) return reason;
  const std::vector<std::string> parts = lookup_->parts()->keys();
  std::vector<std::string> all = lookup_->names(kind);
  all.insert(all.end(), parts.begin(), parts.end());
  const std::string best = nearest(name, all);
  if (best.empty() || lookup_->parts()->find(best) == nullptr) return reason;
  return "unknown " + kind_words(kind) + " \"" + name + "\"; did you mean the part \"" + best +
         "\"?";
}

}  // namespace mixwright::config
