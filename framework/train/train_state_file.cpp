#include "framework/train/train_state_file.h"

#include <spdlog/fmt/fmt.h>

#include <mixwright/config_value.h>
#include <mixwright/error.h>

#include "framework/config/toml_reader.h"
#include "framework/io/atomic_file.h"

namespace mixwright::train {

namespace {

constexpr int64_t kFormat = 1;

/// One entry after the other: writing and reading name each once, in one function.
struct Writer {
  std::string text;
  void operator()(const char* key, const int64_t& value) { line(key, fmt::format("{}", value)); }
  void operator()(const char* key, const uint64_t& value) {
    line(key, ConfigValue(std::to_string(value)).toml());  // TOML's integers are signed
  }
  void operator()(const char* key, const double& value) { line(key, ConfigValue(value).toml()); }
  void operator()(const char* key, const bool& value) { line(key, value ? "true" : "false"); }
  void operator()(const char* key, const std::string& value) {
    line(key, ConfigValue(value).toml());
  }
  void line(const std::string& key, const std::string& value) {
    text += key + " = " + value + "\n";
  }
};

struct Reader {
  const ConfigValue& table;
  std::string file;

  const ConfigValue& at(const char* key) const {
    const ConfigValue* value = table.find(key);
    if (value == nullptr) throw Error(file + ": \"" + key + "\" is missing; the file is damaged");
    return *value;
  }
  [[noreturn]] void wrong(const char* key, const char* expected) const {
    throw Error(file + ": " + key + " is " + at(key).described() + ", " + expected + " expected");
  }
  void operator()(const char* key, int64_t& value) const {
    if (!at(key).is_integer()) wrong(key, "an integer");
    value = at(key).as_integer();
  }
  void operator()(const char* key, uint64_t& value) const {
    std::string digits;
    (*this)(key, digits);
    if (digits.empty() || digits.size() > 20 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      wrong(key, "an unsigned number in quotes");
    }
    value = std::stoull(digits);
  }
  void operator()(const char* key, double& value) const {
    if (!at(key).is_number()) wrong(key, "a number");
    value = at(key).as_number();
  }
  void operator()(const char* key, bool& value) const {
    if (!at(key).is_bool()) wrong(key, "true or false");
    value = at(key).as_bool();
  }
  void operator()(const char* key, std::string& value) const {
    if (!at(key).is_string()) wrong(key, "a string");
    value = at(key).as_string();
  }
};

template <class Visitor, class State>
void visit(Visitor& entry, State& state) {
  entry("step", state.step);
  entry("epoch", state.epoch);
  entry("batch", state.batch);
  entry("finished", state.finished);
  entry("best_step", state.best_step);
  entry("best_value", state.best_value);
  entry("skipped_steps", state.skipped_steps);
  entry("skipped_in_a_row", state.skipped_in_a_row);
  entry("seconds", state.seconds);
  entry("interval_steps", state.interval_steps);
  entry("interval_loss", state.interval_loss);
  entry("interval_penalty", state.interval_penalty);
  entry("interval_measured", state.interval_measured);
  entry("seed", state.seed);
  entry("threads", state.threads);
  entry("libtorch", state.libtorch);
  entry("precision", state.precision);
}

}  // namespace

void write_state_file(const std::filesystem::path& path, const StateFile& file) {
  Writer writer;
  writer.line("format", std::to_string(kFormat));
  visit(writer, file.state);
  writer.text += "\n[interval_metrics]\n";
  for (const auto& [name, value] : file.state.interval_metrics) {
    writer.line(ConfigValue(name).toml(), ConfigValue(value).toml());
  }
  for (const ComponentRevision& component : file.components) {
    writer.text += "\n[[component]]\n";
    writer("kind", component.kind);
    writer("name", component.name);
    writer("revision", component.revision);
  }
  io::write_text_file_atomically(path, writer.text);
}

StateFile read_state_file(const std::filesystem::path& path) {
  const ConfigValue table = config::read_toml_file(path.string());
  const Reader reader{table, path.string()};
  int64_t format = 0;
  reader("format", format);
  if (format != kFormat) {
    throw Error(path.string() + ": format " + std::to_string(format) + ", this program reads " +
                std::to_string(kFormat));
  }
  StateFile file;
  visit(reader, file.state);
  if (const ConfigValue* metrics = table.find("interval_metrics");
      metrics != nullptr && metrics->is_table()) {
    const Reader inner{*metrics, path.string()};
    for (const std::string& name : metrics->keys()) {
      inner(name.c_str(), file.state.interval_metrics[name]);
    }
  }
  if (const ConfigValue* list = table.find("component"); list != nullptr && list->is_array()) {
    for (const ConfigValue& item : list->as_array()) {
      const Reader inner{item, path.string()};
      ComponentRevision& component = file.components.emplace_back();
      inner("kind", component.kind);
      inner("name", component.name);
      inner("revision", component.revision);
    }
  }
  return file;
}

}  // namespace mixwright::train
