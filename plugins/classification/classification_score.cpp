#include "classification_score.h"

#include <cstdio>

#include <mixwright/error.h>

using mixwright::Metric;
using mixwright::Table;

namespace {

constexpr int64_t kTop = 5;
constexpr int64_t kMostConfused = 200;  // classes; a table of more is nothing that one reads

std::string percent(int64_t part, int64_t whole) {
  if (whole == 0) return "-";
  char text[32];
  std::snprintf(
      text, sizeof text, "%.2f %%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

}  // namespace

void check_scores(const torch::Tensor& scores, const mixwright::DatasetInfo& info) {
  if (scores.dim() == 2 && scores.size(1) == info.classes) return;
  throw mixwright::Error("output " + mixwright::list_text(scores.sizes().vec()) +
                         ": one score for each of " + std::to_string(info.classes) +
                         " classes expected, [batch, classes]; choose a head that gives them");
}

std::string class_name(const mixwright::DatasetInfo& info, int64_t index) {
  return info.class_names.empty() ? std::to_string(index)
                                  : info.class_names[static_cast<size_t>(index)];
}

ClassificationScore::ClassificationScore(mixwright::DatasetInfo info) : info_(std::move(info)) {
  const auto counts = [&] { return torch::zeros({info_.classes}, torch::kInt64); };
  seen_ = counts();
  predicted_ = counts();
  correct_ = counts();
  if (info_.classes <= kMostConfused) {
    confusion_ = torch::zeros({info_.classes * info_.classes}, torch::kInt64);
  }
  top5_ = torch::zeros({}, torch::kInt64);
  loss_ = torch::zeros({}, torch::kFloat64);
}

void ClassificationScore::add(const torch::Tensor& output, const mixwright::Batch& batch) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor scores = output.detach();
  check_scores(scores, info_);
  for (torch::Tensor* sum : {&seen_, &predicted_, &correct_, &confusion_, &top5_, &loss_}) {
    if (sum->defined()) *sum = sum->to(scores.device());
  }
  const torch::Tensor& targets = batch.targets;
  const torch::Tensor best = scores.argmax(1);
  const torch::Tensor ones = torch::ones_like(targets);
  seen_.index_add_(0, targets, ones);
  predicted_.index_add_(0, best, ones);
  correct_.index_add_(0, targets, best.eq(targets).to(torch::kInt64));
  if (confusion_.defined()) confusion_.index_add_(0, targets * info_.classes + best, ones);
  if (info_.classes > kTop) {
    const torch::Tensor own = scores.gather(1, targets.unsqueeze(1));  // [B, 1]
    top5_ += scores.gt(own).sum(1).lt(kTop).sum();
  }
  loss_ += torch::nn::functional::cross_entropy(
      scores.to(torch::kFloat32),
      targets,
      torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kSum));
}

std::vector<Metric> ClassificationScore::metrics() const {
  const auto samples = static_cast<double>(seen_.sum().item<int64_t>());
  const double divisor = samples > 0 ? samples : 1;
  const auto correct = static_cast<double>(correct_.sum().item<int64_t>());
  std::vector<Metric> result;
  result.push_back({"accuracy", correct / divisor, true, true});
  if (info_.classes > kTop) {
    result.push_back(
        {"top5_accuracy", static_cast<double>(top5_.item<int64_t>()) / divisor, true, true});
  }
  result.push_back({"loss", loss_.item<double>() / divisor, false, false});
  return result;
}

std::vector<Table> ClassificationScore::tables() const {
  std::vector<Table> result = {class_table()};
  if (confusion_.defined()) result.push_back(confusion_table());
  return result;
}

Table ClassificationScore::class_table() const {
  const torch::Tensor seen = seen_.cpu();
  const torch::Tensor predicted = predicted_.cpu();
  const torch::Tensor correct = correct_.cpu();
  Table table;
  table.title = "Accuracy per class";
  table.columns = {"class", "accuracy", "precision", "samples", "correct"};
  for (int64_t i = 0; i < info_.classes; ++i) {
    const auto right = correct[i].item<int64_t>();
    table.rows.push_back({class_name(info_, i),
                          percent(right, seen[i].item<int64_t>()),
                          percent(right, predicted[i].item<int64_t>()),
                          std::to_string(seen[i].item<int64_t>()),
                          std::to_string(right)});
  }
  return table;
}

// Rows and columns bear the same names, by which the program knows that it can be drawn.
Table ClassificationScore::confusion_table() const {
  const torch::Tensor confusion = confusion_.cpu();
  const auto* count = confusion.const_data_ptr<int64_t>();
  Table table;
  table.title = "Confusion matrix";
  table.columns = {"true class \\ predicted"};
  for (int64_t i = 0; i < info_.classes; ++i) {
    table.columns.push_back(class_name(info_, i));
    std::vector<std::string> row = {class_name(info_, i)};
    for (int64_t j = 0; j < info_.classes; ++j) row.push_back(std::to_string(*count++));
    table.rows.push_back(std::move(row));
  }
  return table;
}
