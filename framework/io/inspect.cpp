#include "framework/io/inspect.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include "framework/io/safetensors.h"
#include "framework/io/text.h"

namespace mixwright::io {

namespace {

struct Statistics {
  int64_t nonfinite = 0;
  int64_t finite = 0;
  double least = 0;
  double greatest = 0;
  double mean = 0;
};

/// Over the finite elements, in pieces, so that the widened copy stays small.
Statistics statistics_of(const torch::Tensor& tensor) {
  constexpr int64_t kPiece = int64_t{1} << 20;
  Statistics result;
  double sum = 0;
  const torch::Tensor flat = tensor.reshape({-1});
  for (int64_t at = 0; at < flat.numel(); at += kPiece) {
    const torch::Tensor piece =
        flat.slice(/*dim=*/0, at, std::min(at + kPiece, flat.numel())).to(torch::kFloat64);
    const int64_t nonfinite = count_nonfinite(piece);
    const torch::Tensor values = nonfinite == 0 ? piece : piece.index({torch::isfinite(piece)});
    result.nonfinite += nonfinite;
    if (values.numel() == 0) continue;
    const double least = values.min().item<double>();
    const double greatest = values.max().item<double>();
    result.least = result.finite == 0 ? least : std::min(result.least, least);
    result.greatest = result.finite == 0 ? greatest : std::max(result.greatest, greatest);
    result.finite += values.numel();
    sum += values.sum().item<double>();
  }
  if (result.finite > 0) result.mean = sum / static_cast<double>(result.finite);
  return result;
}

struct Row {
  TensorEntry entry;
  std::optional<Statistics> statistics;  // none where the dtype cannot be read
};

std::vector<Row> read_rows(const SafetensorsFile& file) {
  std::vector<Row> rows;
  for (const TensorEntry& entry : file.entries()) {
    Row row{entry, std::nullopt};
    if (is_readable(entry.dtype)) row.statistics = statistics_of(file.read(entry.name));
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.entry.name < b.entry.name;
  });
  return rows;
}

struct Totals {
  int64_t elements = 0;
  uint64_t bytes = 0;
  int64_t nonfinite = 0;
};

Totals totals_of(const std::vector<Row>& rows) {
  Totals totals;
  for (const Row& row : rows) {
    totals.elements += row.entry.elements();
    totals.bytes += row.entry.bytes();
    totals.nonfinite += row.statistics ? row.statistics->nonfinite : 0;
  }
  return totals;
}

std::string as_json(const SafetensorsFile& file, const std::vector<Row>& rows) {
  using Json = nlohmann::ordered_json;
  Json tensors = Json::array();
  for (const auto& [entry, statistics] : rows) {
    Json tensor = {{"name", entry.name},
                   {"dtype", dtype_name(entry.dtype)},
                   {"shape", entry.shape},
                   {"elements", entry.elements()},
                   {"bytes", entry.bytes()},
                   {"nonfinite", nullptr},
                   {"min", nullptr},
                   {"max", nullptr},
                   {"mean", nullptr}};
    if (statistics) tensor["nonfinite"] = statistics->nonfinite;
    if (statistics && statistics->finite > 0) {
      tensor["min"] = statistics->least;
      tensor["max"] = statistics->greatest;
      tensor["mean"] = statistics->mean;
    }
    tensors.push_back(std::move(tensor));
  }
  const Totals totals = totals_of(rows);
  const Json result = {{"file", file.path().string()},
                       {"file_bytes", file.file_bytes()},
                       {"checksums", file.has_checksums()},
                       {"tensors", std::move(tensors)},
                       {"total",
                        {{"tensors", rows.size()},
                         {"elements", totals.elements},
                         {"bytes", totals.bytes},
                         {"nonfinite", totals.nonfinite}}},
                       {"metadata", file.metadata()},
                       {"warnings", file.warnings()}};
  // A path need not be UTF-8; everything else has been checked.
  return result.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

constexpr size_t kColumns = 9;
using Cells = std::array<std::string, kColumns>;

std::string number(double value, bool integer) {
  return integer ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value);
}

bool is_integer(SafetensorsDtype dtype) {
  const char first = dtype_name(dtype).front();
  return first == 'I' || first == 'U' || dtype == SafetensorsDtype::kBool;
}

Cells cells_of(const Row& row) {
  const auto& [entry, statistics] = row;
  Cells cells = {printable(entry.name),
                 std::string(dtype_name(entry.dtype)),
                 shape_text(entry.shape),
                 grouped(static_cast<uint64_t>(entry.elements())),
                 grouped(entry.bytes()),
                 "-",
                 "-",
                 "-",
                 "-"};
  if (statistics) cells[5] = grouped(static_cast<uint64_t>(statistics->nonfinite));
  if (statistics && statistics->finite > 0) {
    const bool integer = is_integer(entry.dtype);
    cells[6] = number(statistics->least, integer);
    cells[7] = number(statistics->greatest, integer);
    cells[8] = number(statistics->mean, /*integer=*/false);
  }
  return cells;
}

std::string aligned(const std::vector<Cells>& lines) {
  constexpr size_t kTextColumns = 3;  // these are aligned to the left, numbers to the right
  std::array<size_t, kColumns> widths{};
  for (const Cells& cells : lines) {
    for (size_t i = 0; i < kColumns; ++i) {
      widths[i] = std::max(widths[i], fmt::formatted_size("{}", cells[i]));
    }
  }
  std::string text;
  for (const Cells& cells : lines) {
    std::string line;
    for (size_t i = 0; i < kColumns; ++i) {
      line += i < kTextColumns ? fmt::format("{:<{}}  ", cells[i], widths[i])
                               : fmt::format("{:>{}}  ", cells[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string as_table(const SafetensorsFile& file, const std::vector<Row>& rows) {
  const Totals totals = totals_of(rows);
  std::vector<Cells> lines = {
      {"name", "dtype", "shape", "elements", "bytes", "non-finite", "min", "max", "mean"}};
  for (const Row& row : rows) lines.push_back(cells_of(row));
  lines.push_back({"total",
                   "",
                   "",
                   grouped(static_cast<uint64_t>(totals.elements)),
                   grouped(totals.bytes),
                   grouped(static_cast<uint64_t>(totals.nonfinite)),
                   "",
                   "",
                   ""});
  std::string text = fmt::format("{}: {} {}, {} bytes{}\n",
                                 printable(file.path().string(), 4096),
                                 grouped(rows.size()),
                                 rows.size() == 1 ? "tensor" : "tensors",
                                 grouped(file.file_bytes()),
                                 file.has_checksums() ? ", with checksums" : "");
  text += aligned(lines);
  if (!file.metadata().empty()) text += "metadata:\n";
  for (const auto& [key, value] : file.metadata()) {
    text += "  " + printable(key) + " = " + printable(value, 200) + "\n";
  }
  for (const std::string& warning : file.warnings()) text += "warning: " + warning + "\n";
  return text;
}

}  // namespace

std::string inspect_safetensors(const std::filesystem::path& path, bool json) {
  const SafetensorsFile file = SafetensorsFile::open(path);
  const std::vector<Row> rows = read_rows(file);
  return json ? as_json(file, rows) : as_table(file, rows);
}

}  // namespace mixwright::io
