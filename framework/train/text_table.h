#pragma once

#include <string>
#include <vector>

#include <mixwright/task.h>

namespace mixwright::train {

/// A table as aligned text: the first column to the left, the others to the right.
std::string table_text(const Table& table);

/// Rows as a Markdown table; the first is the head.
std::string markdown_table(const std::vector<std::vector<std::string>>& rows);

/// `86.31 %`, `0.4127`.
std::string metric_text(const Metric& metric);

/// `3:07`, `1:02:45`.
std::string duration_text(double seconds);

/// `12,345`.
std::string count_text(double value);

}  // namespace mixwright::train
