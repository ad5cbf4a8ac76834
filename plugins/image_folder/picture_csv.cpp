#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>

#include <mixwright/error.h>

#include "picture_list.h"

namespace {

namespace fs = std::filesystem;

struct CsvRow {
  std::string path;
  std::string label;
  int64_t line = 0;
};

/// Reads the rows of one list; its errors know file and line.
class CsvReader {
 public:
  explicit CsvReader(const fs::path& file) : file_(file.string()), in_(file, std::ios::binary) {
    if (!in_) throw mixwright::Error(file_ + ": cannot be opened; a list of pictures expected");
  }

  std::vector<CsvRow> rows() {
    std::vector<CsvRow> rows;
    std::string text;
    while (std::getline(in_, text)) {
      ++line_;
      if (line_ == 1 && text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);  // byte order mark
      if (text.ends_with('\r')) text.pop_back();
      if (text.empty()) continue;
      const std::vector<std::string> fields = split(text);
      if (columns_ == 0 && !take_header(fields)) columns_ = 2;
      if (is_header_) {
        is_header_ = false;
        continue;
      }
      rows.push_back(row_of(fields));
    }
    if (in_.bad()) throw mixwright::Error(file_ + ": cannot be read to its end");
    if (rows.empty()) throw mixwright::Error(file_ + ": no pictures in this list");
    return rows;
  }

  [[noreturn]] void fail(int64_t line, const std::string& reason) const {
    throw mixwright::Error(file_ + ":" + std::to_string(line) + ": " + reason);
  }

 private:
  /// RFC 4180, except that a field ends with its line.
  std::vector<std::string> split(const std::string& text) const {
    std::vector<std::string> fields;
    size_t at = 0;
    while (true) {
      std::string field;
      if (at < text.size() && text[at] == '"') {
        at = quoted(text, at + 1, field);
        if (at < text.size() && text[at] != ',') {
          fail(line_, "text behind a closing quote; a comma expected, and \"\" for a quote within");
        }
      } else {
        const size_t end = std::min(text.find(',', at), text.size());
        field = text.substr(at, end - at);
        at = end;
      }
      fields.push_back(std::move(field));
      if (at >= text.size()) return fields;
      ++at;
    }
  }

  /// The place behind the closing quote.
  size_t quoted(const std::string& text, size_t at, std::string& field) const {
    while (at < text.size()) {
      if (text[at] != '"') {
        field += text[at++];
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        field += '"';
        at += 2;
      } else {
        return at + 1;
      }
    }
    fail(line_, "a quote is not closed on its line");
  }

  bool take_header(const std::vector<std::string>& fields) {
    const auto place = [&](const char* name) {
      return static_cast<size_t>(std::find(fields.begin(), fields.end(), name) - fields.begin());
    };
    if (place("path") == fields.size() || place("label") == fields.size()) return false;
    path_column_ = place("path");
    label_column_ = place("label");
    columns_ = fields.size();
    is_header_ = true;
    return true;
  }

  CsvRow row_of(const std::vector<std::string>& fields) const {
    if (fields.size() != columns_) {
      fail(line_,
           std::to_string(fields.size()) + " fields, " + std::to_string(columns_) +
               " expected; a header path,label or these two columns, and quotes around a field "
               "with a comma");
    }
    CsvRow row{fields[path_column_], fields[label_column_], line_};
    if (row.path.empty()) fail(line_, "the path is empty");
    if (row.label.empty()) fail(line_, "the label is empty");
    return row;
  }

  std::string file_;
  std::ifstream in_;
  int64_t line_ = 0;
  size_t columns_ = 0;
  size_t path_column_ = 0;
  size_t label_column_ = 1;
  bool is_header_ = false;
};

std::optional<int64_t> integer_of(const std::string& text) {
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool all_integers(const std::vector<CsvRow>& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const CsvRow& row) {
    return integer_of(row.label).has_value();
  });
}

/// Classes as the labels of a training list show them.
PictureClasses classes_of(const CsvReader& reader, const std::vector<CsvRow>& rows) {
  PictureClasses classes;
  if (!all_integers(rows)) {
    std::set<std::string> names;
    for (const CsvRow& row : rows) names.insert(row.label);
    classes.names.assign(names.begin(), names.end());
    classes.count = static_cast<int64_t>(names.size());
    return classes;
  }
  std::set<int64_t> used;
  for (const CsvRow& row : rows) {
    const int64_t label = *integer_of(row.label);
    if (label < 0) reader.fail(row.line, "label " + row.label + "; labels count from 0");
    used.insert(label);
  }
  int64_t expected = 0;
  for (const int64_t label : used) {
    if (label != expected) {
      const auto row = std::find_if(rows.begin(), rows.end(), [&](const CsvRow& each) {
        return *integer_of(each.label) == label;
      });
      reader.fail(row->line,
                  "label " + row->label + ", and no picture has label " + std::to_string(expected) +
                      "; labels without gaps from 0 expected, or class_names");
    }
    ++expected;
  }
  classes.count = expected;
  return classes;
}

int64_t index_of(const CsvReader& reader, const CsvRow& row, const PictureClasses& classes) {
  const int64_t label = *integer_of(row.label);
  if (label < 0 || label >= classes.count) {
    reader.fail(row.line,
                "label " + row.label + "; 0 to " + std::to_string(classes.count - 1) +
                    " expected for " + std::to_string(classes.count) + " classes");
  }
  return label;
}

std::vector<int64_t> labels_of(const CsvReader& reader,
                               const std::vector<CsvRow>& rows,
                               const PictureClasses& classes) {
  const std::set<std::string> known(classes.names.begin(), classes.names.end());
  const bool by_name = std::any_of(
      rows.begin(), rows.end(), [&](const CsvRow& row) { return known.count(row.label) != 0; });
  const bool by_index = !by_name && all_integers(rows);
  std::vector<int64_t> labels;
  labels.reserve(rows.size());
  for (const CsvRow& row : rows) {
    if (by_index) {
      labels.push_back(index_of(reader, row, classes));
      continue;
    }
    const auto place = std::find(classes.names.begin(), classes.names.end(), row.label);
    if (place == classes.names.end()) {
      reader.fail(row.line,
                  "label \"" + row.label + "\" is none of the " + std::to_string(classes.count) +
                      " classes" + mixwright::did_you_mean(row.label, classes.names));
    }
    labels.push_back(place - classes.names.begin());
  }
  return labels;
}

}  // namespace

PictureList list_csv(const std::filesystem::path& file, PictureClasses& classes) {
  CsvReader reader(file);
  const std::vector<CsvRow> rows = reader.rows();
  if (classes.count == 0) classes = classes_of(reader, rows);
  PictureList list;
  list.classes = labels_of(reader, rows, classes);
  for (const CsvRow& row : rows) {
    const fs::path path = file.parent_path() / row.path;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
      reader.fail(row.line, path.string() + ": no such file; paths start at the list's folder");
    }
    list.paths.push_back(path.string());
  }
  return list;
}
