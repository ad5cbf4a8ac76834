#include <mixwright/error.h>

#include "checker.h"

namespace mixwright::conformance {

namespace {

std::string first_without_doc(const std::vector<OptionSpec>& options, const std::string& above) {
  for (const OptionSpec& option : options) {
    if (option.doc.empty()) return above + option.name;
    const std::string below = first_without_doc(option.fields, above + option.name + ".");
    if (!below.empty()) return below;
  }
  return "";
}

std::string is_documented(const ComponentEntry& entry) {
  if (*entry.summary == '\0') return "has no summary";
  if (*entry.source == '\0') {
    return "names no source: the paper and equation, or who defined it and where";
  }
  const std::string option = first_without_doc(entry.schema(), "");
  return option.empty() ? "" : "option \"" + option + "\" has no doc";
}

std::string declares_what_there_is(const ComponentEntry& entry) {
  constexpr uint32_t kKnown = kFixedTokens | kCausal | kStructure;
  if ((entry.need_bits & ~kKnown) != 0) {
    return "needs(" + std::to_string(entry.need_bits) + ") holds bits that mean nothing";
  }
  if (entry.lowest_rank < 1 || entry.highest_rank > 3 || entry.lowest_rank > entry.highest_rank) {
    return "grid_rank(" + std::to_string(entry.lowest_rank) + ", " +
           std::to_string(entry.highest_rank) + "): 1 to 3 expected, the lower one first";
  }
  return entry.component_revision >= 1
             ? ""
             : "revision " + std::to_string(entry.component_revision) + ": at least 1 expected";
}

std::string options_agree(const Subject& subject) {
  ConfigValue table = printed_options(subject);
  table.set("type", subject.name);
  Diagnostics accepted;
  subject.entry->validate(table, subject.factory, accepted);
  if (!accepted.ok()) return "printed options are refused: " + accepted.errors().front().message;
  table.set("no_such_option_at_all", 1);
  Diagnostics refused;
  subject.entry->validate(table, subject.factory, refused);
  return refused.ok() ? "an unknown option is accepted" : "";
}

}  // namespace

ConfigValue printed_options(const Subject& subject) {
  ConfigValue table = ConfigValue::table();
  for (const OptionSpec& spec : subject.entry->schema()) {
    if (!spec.default_value.is_nothing()) table.set(spec.name, spec.default_value);
  }
  if (subject.example.is_table()) {
    for (const ConfigValue::Entry& entry : subject.example.as_table()) {
      table.set(entry.key, entry.value);
    }
  }
  return table;
}

std::shared_ptr<void> build_alone(const Subject& subject) {
  BuildContext context;
  context.path = subject.name;
  context.factory = subject.factory;
  ConfigValue table = printed_options(subject);
  table.set("type", subject.name);
  std::shared_ptr<void> made = subject.factory->make(subject.entry->kind, table, context);
  if (!made) throw Error("nothing was built");
  return made;
}

void check_description(const Subject& subject, Checker& checker) {
  checker.run("documented", [&] { return is_documented(*subject.entry); });
  checker.run("declares what there is", [&] { return declares_what_there_is(*subject.entry); });
  checker.run("options agree with describe", [&] { return options_agree(subject); });
}

}  // namespace mixwright::conformance
