#include "framework/config/stage_blocks.h"

#include <algorithm>

#include "framework/config/components.h"
#include "framework/config/merge.h"

namespace mixwright::config {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// One entry of `block` while the stage's keys are dealt out.
struct Entry {
  const ConfigValue* written = nullptr;
  ConfigValue table;                  // "nothing" where it was refused
  std::vector<std::string> declared;  // its options
};

/// Deals the keys of a stage out to its blocks.
class Dealer {
 public:
  Dealer(const ConfigValue& stage,
         const SchemaLookup& lookup,
         Diagnostics& diagnostics,
         const std::string& name)
      : stage_(stage), lookup_(lookup), diagnostics_(diagnostics), name_(name) {}

  std::vector<ConfigValue> deal() {
    const ConfigValue* block = stage_.find("block");
    if (block == nullptr) {
      report_no_block();
      return {};
    }
    read_entries(*block);
    for (const ConfigValue::Entry& key : stage_.as_table()) {
      if (!contains(stage_keys(), key.key)) deal_key(key);
    }
    std::vector<ConfigValue> tables;
    for (Entry& entry : entries_) {
      if (!entry.table.is_nothing()) tables.push_back(std::move(entry.table));
    }
    return tables;
  }

 private:
  void read_entries(const ConfigValue& block) {
    if (!block.is_array()) {
      read_entry(block);
      return;
    }
    if (block.as_array().empty()) {
      diagnostics_.error(block.location(), "block of " + name_ + " is an empty list");
      all_known_ = false;
    }
    for (const ConfigValue& item : block.as_array()) read_entry(item);
  }

  void read_entry(const ConfigValue& value) {
    Entry entry;
    entry.written = &value;
    if (is_none(value)) {
      diagnostics_.error(
          value.location(),
          "\"none\" as block of " + name_ + "; a stage without blocks says depth = 0");
      all_known_ = false;
      return;
    }
    entry.table = resolve_component(value, lookup_.parts(), diagnostics_, "block");
    if (entry.table.is_nothing()) {
      all_known_ = false;
      return;
    }
    if (const auto schema = lookup_.schema("block", entry.table.find("type")->as_string())) {
      entry.declared = option_names(*schema);
    } else {
      all_known_ = false;  // the checker reports the type
    }
    entries_.push_back(std::move(entry));
  }

  void deal_key(const ConfigValue::Entry& key) {
    bool taken = false;
    for (Entry& entry : entries_) {
      if (entry.written->find(key.key) != nullptr) {
        diagnostics_.error(key.key_location,
                           "\"" + key.key + "\" stands in " + name_ + " and in its block (" +
                               entry.written->find_entry(key.key)->key_location.text() +
                               "); say it once");
        return;
      }
      if (!contains(entry.declared, key.key)) continue;
      taken = true;
      const ConfigValue* below = entry.table.find(key.key);
      ConfigValue value = below == nullptr ? key.value : merged(*below, key.value);
      entry.table.erase(key.key);
      entry.table.set(key.key, std::move(value), key.key_location);
    }
    // What a block of an unknown type would declare is not known.
    if (!taken && all_known_) report_undeclared(key);
  }

  void report_undeclared(const ConfigValue::Entry& key) {
    std::vector<std::string> known = stage_keys();
    std::string blocks;
    for (const Entry& entry : entries_) {
      known.insert(known.end(), entry.declared.begin(), entry.declared.end());
      const std::string type = entry.table.find("type")->toml();
      if (blocks.find(type) == std::string::npos) blocks += (blocks.empty() ? "" : " or ") + type;
    }
    std::string hint = did_you_mean(key.key, known);
    if (hint.empty()) {
      hint = "; there are";
      for (const std::string& each : known) hint += (&each == &known.front() ? " " : ", ") + each;
    }
    diagnostics_.error(
        key.key_location,
        "unknown option \"" + key.key + "\" of " + name_ + " with block " + blocks + hint);
  }

  void report_no_block() {
    const std::vector<std::string> installed = lookup_.names("block");
    std::vector<std::string> of_blocks;
    for (const std::string& block : installed) {
      const auto schema = lookup_.schema("block", block);
      for (const OptionSpec& spec : schema.value_or(OptionSchema{})) of_blocks.push_back(spec.name);
    }
    const ConfigValue* depth = stage_.find("depth");
    const bool may_lack = depth != nullptr && depth->is_integer() && depth->as_integer() == 0;
    const bool misspelled = report_unknown_keys(of_blocks, may_lack);
    if (may_lack || misspelled) return;
    std::string words;
    for (const std::string& each : installed) words += (words.empty() ? ", one of " : ", ") + each;
    diagnostics_.error(stage_.location(), name_ + " has no block; say block = \"...\"" + words);
  }

  /// Of a stage without block; true where one of the keys was meant to be `block`.
  bool report_unknown_keys(const std::vector<std::string>& of_blocks, bool may_lack) {
    std::vector<std::string> known = stage_keys();
    known.insert(known.end(), of_blocks.begin(), of_blocks.end());
    bool misspelled = false;
    for (const ConfigValue::Entry& key : stage_.as_table()) {
      if (contains(stage_keys(), key.key)) continue;
      if (!contains(of_blocks, key.key)) {
        misspelled |= nearest(key.key, known) == "block";
        diagnostics_.error(
            key.key_location,
            "unknown option \"" + key.key + "\" of " + name_ + did_you_mean(key.key, known));
      } else if (may_lack) {
        diagnostics_.error(key.key_location,
                           "\"" + key.key + "\" of " + name_ + " is a block's, and it has none");
      }
    }
    return misspelled;
  }

  const ConfigValue& stage_;
  const SchemaLookup& lookup_;
  Diagnostics& diagnostics_;
  const std::string& name_;
  std::vector<Entry> entries_;
  bool all_known_ = true;
};

}  // namespace

const std::vector<std::string>& stage_keys() {
  static const std::vector<std::string> kKeys = {
      "embedding", "dim", "depth", "block", "repeat_stage", "recompute"};
  return kKeys;
}

std::vector<ConfigValue> stage_blocks(const ConfigValue& stage,
                                      const SchemaLookup& lookup,
                                      Diagnostics& diagnostics,
                                      const std::string& name) {
  if (!stage.is_table()) return {};
  return Dealer(stage, lookup, diagnostics, name).deal();
}

}  // namespace mixwright::config
