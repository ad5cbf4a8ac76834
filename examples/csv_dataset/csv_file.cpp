#include "csv_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include <mixwright/error.h>

using mixwright::Error;

namespace {

std::string in_quotes(std::string_view text) {
  constexpr size_t kMost = 40;
  const bool is_long = text.size() > kMost;
  return "\"" + std::string(text.substr(0, kMost)) + (is_long ? "…" : "") + "\"";
}

/// The lines of a file, each with its number.
class Lines {
 public:
  explicit Lines(const std::string& path) : path_(path), in_(path, std::ios::binary) {
    std::error_code ignored;
    if (!in_ || std::filesystem::is_directory(path, ignored)) {
      throw Error(path +
                  ": cannot be read; a CSV file expected, relative paths start at the "
                  "current folder");
    }
  }

  bool next() {
    if (!std::getline(in_, text_)) {
      if (in_.bad()) throw Error(path_ + ": cannot be read to its end");
      return false;
    }
    ++number_;
    if (text_.ends_with('\r')) text_.pop_back();
    if (text_.empty()) fail("blank line; a row expected");
    return true;
  }

  std::string_view text() const { return text_; }
  size_t number() const { return number_; }
  int64_t cells() const { return 1 + std::count(text_.begin(), text_.end(), ','); }

  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(path_ + ":" + std::to_string(number_) + ": " + reason);
  }
  [[noreturn]] void fail_at(const char* place, const std::string& reason) const {
    throw Error(path_ + ":" + std::to_string(number_) + ":" +
                std::to_string(place - text_.data() + 1) + ": " + reason);
  }

 private:
  std::string path_;
  std::ifstream in_;
  std::string text_;
  size_t number_ = 0;
};

/// Calls `body(index, cell)` for each cell of a line.
template <class Body>
void for_each_cell(std::string_view line, const Body& body) {
  for (size_t index = 0;; ++index) {
    const size_t end = line.find(',');
    body(index, line.substr(0, end));
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + 1);
  }
}

template <class Number>
std::optional<Number> parsed(std::string_view cell) {
  Number value{};
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
  return value;
}

struct Header {
  std::vector<std::string> names;
  size_t label = 0;
};

Header read_header(Lines& lines, const std::string& path, const std::string& label) {
  if (!lines.next()) throw Error(path + ": is empty; a line of column names expected");
  std::string_view text = lines.text();
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Header header;
  for_each_cell(text, [&](size_t, std::string_view cell) {
    if (cell.starts_with('"')) {
      lines.fail_at(cell.data(), "quotes are not read; columns separated by commas expected");
    }
    header.names.emplace_back(cell);
  });
  const auto found = std::find(header.names.begin(), header.names.end(), label);
  if (found == header.names.end()) {
    lines.fail("no column " + in_quotes(label) + " for the labels" +
               mixwright::did_you_mean(label, header.names) + "; set data.label to one of the " +
               std::to_string(header.names.size()) + " columns");
  }
  header.label = static_cast<size_t>(found - header.names.begin());
  if (header.names.size() < 2) lines.fail("the labels are the only column; values expected, too");
  return header;
}

/// The number of rows, all of which have as many cells as the header.
int64_t count_rows(const std::string& path, const std::string& label) {
  Lines lines(path);
  const auto cells = static_cast<int64_t>(read_header(lines, path, label).names.size());
  int64_t rows = 0;
  for (; lines.next(); ++rows) {
    if (lines.cells() == cells) continue;
    lines.fail(std::to_string(lines.cells()) + " values, " + std::to_string(cells) +
               " expected, as many as columns are named in line 1");
  }
  if (rows == 0) throw Error(path + ": has no row behind its column names");
  return rows;
}

int64_t label_of(const Lines& lines, std::string_view cell, const CsvLayout& layout) {
  const std::vector<std::string>& names = layout.class_names;
  const auto named = std::find(names.begin(), names.end(), cell);
  if (named != names.end()) return named - names.begin();
  const std::optional<int64_t> number = parsed<int64_t>(cell);
  if (number && *number >= 0) return *number;
  lines.fail_at(cell.data(),
                "label " + in_quotes(cell) +
                    (names.empty() ? "; a whole number from 0 on expected, or give class_names"
                                   : "; one of class_names or their number from 0 on expected" +
                                         mixwright::did_you_mean(std::string(cell), names)));
}

void put(const Lines& lines, std::string_view cell, const std::string& column, float* to) {
  const std::optional<float> value = parsed<float>(cell);
  if (!value || !std::isfinite(*value)) {
    lines.fail_at(cell.data(), column + " is " + in_quotes(cell) + "; a finite number expected");
  }
  *to = *value;
}

void put(const Lines& lines, std::string_view cell, const std::string& column, uint8_t* to) {
  const std::optional<uint8_t> value = parsed<uint8_t>(cell);
  if (!value) {
    lines.fail_at(cell.data(),
                  column + " is " + in_quotes(cell) + "; a whole number from 0 to 255 expected");
  }
  *to = *value;
}

template <class Value>
void read_rows(Lines& lines, const Header& header, const CsvLayout& layout, CsvTable& table) {
  auto* to = table.values.mutable_data_ptr<Value>();
  const auto* const end = to + table.values.numel();
  while (lines.next()) {
    // The file may have grown since its rows were counted.
    if (to == end || lines.cells() != static_cast<int64_t>(header.names.size())) {
      lines.fail("the file changed while it was read");
    }
    for_each_cell(lines.text(), [&](size_t index, std::string_view cell) {
      if (index == header.label) {
        table.labels.push_back(label_of(lines, cell, layout));
      } else {
        put(lines, cell, header.names[index], to++);
      }
    });
  }
  if (to != end) lines.fail("the file changed while it was read");
}

}  // namespace

CsvTable read_csv(const std::string& path, const CsvLayout& layout) {
  const int64_t rows = count_rows(path, layout.label);
  Lines lines(path);
  const Header header = read_header(lines, path, layout.label);
  CsvTable table;
  table.columns = header.names;
  table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(header.label));
  table.values = torch::empty({rows, static_cast<int64_t>(table.columns.size())},
                              layout.bytes ? torch::kUInt8 : torch::kFloat32);
  table.labels.reserve(static_cast<size_t>(rows));
  if (layout.bytes) {
    read_rows<uint8_t>(lines, header, layout, table);
  } else {
    read_rows<float>(lines, header, layout, table);
  }
  return table;
}
