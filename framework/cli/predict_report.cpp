#include "framework/cli/predict_report.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include <spdlog/spdlog.h>

#include "framework/io/text.h"
#include "framework/train/metrics_log.h"
#include "framework/train/text_table.h"

namespace mixwright::cli {

using nlohmann::ordered_json;

namespace {

constexpr size_t kWidestFile = 60;  // longer names push their answers to the right
constexpr size_t kWidestLabel = 30;

size_t places(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void widen(size_t& width, const std::string& text, size_t most) {
  width = std::max(width, std::min(places(text), most));
}

/// A name on one line of a terminal, as long as it may be.
std::string shown(const std::string& name) {
  return io::printable(name, /*limit=*/4096);
}

std::string padded(const std::string& text, size_t width) {
  const size_t own = places(text);
  return own < width ? text + std::string(width - own, ' ') : text;
}

}  // namespace

PredictReport::PredictReport(std::string run_folder, const train::TrainedRun& run, Globals& globals)
    : run_folder_(std::move(run_folder)), run_(run), globals_(globals) {}

void PredictReport::add(const std::vector<Row>& rows) {
  answered_ += static_cast<int64_t>(rows.size());
  if (globals_.json) {
    for (const Row& row : rows) {
      ordered_json answers = ordered_json::array();
      for (const Prediction& answer : row.answers) {
        answers.push_back({{"label", answer.label},
                           {"probability", train::MetricsLog::number(answer.probability)}});
      }
      pictures_.push_back({{"file", row.file}, {"predictions", answers}});
    }
    return;
  }
  for (const Row& row : rows) {
    widen(file_width_, shown(row.file), kWidestFile);
    label_widths_.resize(std::max(label_widths_.size(), row.answers.size()));
    for (size_t i = 0; i < row.answers.size(); ++i) {
      widen(label_widths_[i], shown(row.answers[i].label), kWidestLabel);
    }
  }
  for (const Row& row : rows) {
    std::string line = padded(shown(row.file), file_width_);
    for (size_t i = 0; i < row.answers.size(); ++i) {
      line += "  " + padded(shown(row.answers[i].label), label_widths_[i]) +
              fmt::format(" {:5.1f} %", 100 * row.answers[i].probability);
    }
    std::cout << line << "\n";
  }
  std::cout.flush();
}

void PredictReport::refuse(const RefusedInput& input) {
  ++refused_;
  globals_.exit_code = 1;
  spdlog::error("{}", input.reason);
  failed_.push_back({{"file", input.path}, {"error", input.reason}});
}

void PredictReport::end(const std::string& sheet, int64_t on_sheet) {
  if (globals_.json) {
    ordered_json json = {{"run", run_folder_},
                         {"checkpoint", run_.checkpoint.string()},
                         {"step", run_.step},
                         {"pictures", std::move(pictures_)},
                         {"failed", std::move(failed_)}};
    if (!sheet.empty()) json["sheet"] = sheet;
    std::cout << json.dump(2, ' ', false, ordered_json::error_handler_t::replace) << "\n";
    return;
  }
  const auto count = [](int64_t value) { return train::count_text(static_cast<double>(value)); };
  if (!sheet.empty()) {
    std::cout << "\nDrawn: " << sheet;
    if (on_sheet < answered_) {
      std::cout << ", the first " << count(on_sheet) << " of " << count(answered_) << " pictures";
    }
    std::cout << "\n";
  }
  if (refused_ > 0) {
    spdlog::error("{} of {} inputs gave no picture", count(refused_), count(refused_ + answered_));
  }
}

}  // namespace mixwright::cli
