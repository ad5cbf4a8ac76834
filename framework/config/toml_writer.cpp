#include "framework/config/toml_writer.h"

#include <algorithm>
#include <vector>

namespace mixwright::config {

namespace {

constexpr size_t kWidth = 100;

/// A key as TOML writes it, quoted where it must be.
std::string key_text(const std::string& key) {
  ConfigValue table = ConfigValue::table();
  table.set(key, 0);
  const std::string text = table.toml();           // { key = 0 }
  return text.substr(2, text.size() - 2 - 4 - 2);  // without "{ ", " = 0", " }"
}

bool all_tables(const ConfigValue& list) {
  const ConfigValue::Array& items = list.as_array();
  return !items.empty() && std::all_of(items.begin(), items.end(), [](const ConfigValue& item) {
    return item.is_table() && !item.as_table().empty();
  });
}

bool holds_tables(const ConfigValue& value) {
  if (value.is_table()) return true;
  if (!value.is_array()) return false;
  const ConfigValue::Array& items = value.as_array();
  return std::any_of(items.begin(), items.end(), holds_tables);
}

/// The places of all values in `value`, each once, in their order.
void collect_origins(const ConfigValue& value, std::vector<std::string>& origins) {
  if (value.is_array() && !value.as_array().empty()) {
    for (const ConfigValue& item : value.as_array()) collect_origins(item, origins);
  } else if (value.is_table() && !value.as_table().empty()) {
    for (const ConfigValue::Entry& entry : value.as_table()) collect_origins(entry.value, origins);
  } else if (const std::string text = value.location().text();
             !text.empty() && std::find(origins.begin(), origins.end(), text) == origins.end()) {
    origins.push_back(text);
  }
}

class Writer {
 public:
  explicit Writer(bool origin) : origin_(origin) {}

  std::string write(const ConfigValue& root) {
    write_entries(root, "");
    return std::move(text_);
  }

 private:
  enum class Form { kLine, kLines, kTable, kTables };

  /// How an entry of the table `path` is written.
  Form form_of(const ConfigValue::Entry& entry, const std::string& path) const {
    const ConfigValue& value = entry.value;
    const size_t width = key_text(entry.key).size() + 3 + value.toml().size();
    if (value.is_table() && !value.as_table().empty()) {
      const bool section = path.empty() || path == "parts";
      return origin_ || section || width > kWidth ? Form::kTable : Form::kLine;
    }
    if (value.is_array() && all_tables(value)) {
      if (origin_ || (path == "model" && entry.key == "stage")) return Form::kTables;
      if (width <= kWidth) return Form::kLine;
      return longest(value) + 3 <= kWidth ? Form::kLines : Form::kTables;
    }
    if (value.is_array() && !value.as_array().empty()) {
      if (width > kWidth || (origin_ && holds_tables(value))) return Form::kLines;
    }
    return Form::kLine;
  }

  static size_t longest(const ConfigValue& list) {
    size_t width = 0;
    for (const ConfigValue& item : list.as_array()) width = std::max(width, item.toml().size());
    return width;
  }

  /// A table's lines first: whatever stands behind a header belongs to that header.
  void write_entries(const ConfigValue& table, const std::string& path) {
    for (const ConfigValue::Entry& entry : table.as_table()) {
      const Form form = form_of(entry, path);
      if (form == Form::kLine) {
        text_ += key_text(entry.key) + " = " + entry.value.toml() + comment(entry.value) + "\n";
      } else if (form == Form::kLines) {
        write_lines(entry);
      }
    }
    for (const ConfigValue::Entry& entry : table.as_table()) {
      const Form form = form_of(entry, path);
      const std::string inner = path + (path.empty() ? "" : ".") + key_text(entry.key);
      if (form == Form::kTable) {
        write_table(entry.value, inner);
      } else if (form == Form::kTables) {
        for (const ConfigValue& item : entry.value.as_array()) {
          header("[[" + inner + "]]");
          write_entries(item, inner);
        }
      }
    }
  }

  void write_table(const ConfigValue& table, const std::string& path) {
    const auto& entries = table.as_table();
    const bool only_tables = std::all_of(entries.begin(), entries.end(), [&](const auto& entry) {
      return form_of(entry, path) == Form::kTable;
    });
    if (!only_tables) header("[" + path + "]");
    write_entries(table, path);
  }

  void header(const std::string& line) { text_ += (text_.empty() ? "" : "\n") + line + "\n"; }

  void write_lines(const ConfigValue::Entry& entry) {
    text_ += key_text(entry.key) + " = [\n";
    for (const ConfigValue& item : entry.value.as_array()) {
      text_ += "  " + item.toml() + "," + comment(item) + "\n";
    }
    text_ += "]\n";
  }

  std::string comment(const ConfigValue& value) const {
    if (!origin_) return "";
    std::vector<std::string> origins;
    collect_origins(value, origins);
    std::string text;
    for (const std::string& each : origins) text += (text.empty() ? "  # " : ", ") + each;
    return text;
  }

  bool origin_;
  std::string text_;
};

}  // namespace

std::string to_toml(const ConfigValue& root, bool origin) {
  return Writer(origin).write(root);
}

}  // namespace mixwright::config
