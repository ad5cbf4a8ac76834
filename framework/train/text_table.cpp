#include "framework/train/text_table.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "framework/io/text.h"

namespace mixwright::train {

namespace {

/// Places on the screen: bytes that do not continue a UTF-8 character.
size_t width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<size_t>& widths) {
  std::string line = " ";
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string gap(widths[i] - width(cells[i]), ' ');
    line += i == 0 ? " " + cells[i] + gap : "  " + gap + cells[i];
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string escaped(const std::string& cell) {
  std::string text;
  for (const char c : cell) text += c == '|' ? std::string("\\|") : std::string(1, c);
  return text;
}

}  // namespace

std::string table_text(const Table& table) {
  std::vector<size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(width(column));
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], width(row[i]));
    }
  }
  size_t total = 0;
  for (const size_t each : widths) total += each + 2;
  std::string text = table.title.empty() ? "" : table.title + "\n";
  text += line_of(table.columns, widths);
  text += "  " + std::string(total - 2, '-') + "\n";
  for (const auto& row : table.rows) text += line_of(row, widths);
  return text;
}

std::string markdown_table(const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  for (const auto& row : rows) {
    text += "|";
    for (const std::string& cell : row) text += " " + escaped(cell) + " |";
    text += "\n";
    if (&row != &rows.front()) continue;
    text += "|";
    for (size_t i = 0; i < row.size(); ++i) text += " --- |";
    text += "\n";
  }
  return text;
}

std::string metric_text(const Metric& metric) {
  return metric.percent ? fmt::format("{:.2f} %", 100.0 * metric.value)
                        : fmt::format("{:.4f}", metric.value);
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  const int64_t hours = whole / 3600;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string count_text(double value) {
  return io::grouped(static_cast<uint64_t>(std::llround(std::max(0.0, value))));
}

}  // namespace mixwright::train
