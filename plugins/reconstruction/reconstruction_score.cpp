#include "reconstruction_score.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <mixwright/error.h>

namespace {

constexpr int64_t kShown = 12;
constexpr double kLeastShare = 1e-20;  // of range^2; less is rounding, and 0 has no logarithm

}  // namespace

void check_restored(const torch::Tensor& output, const mixwright::Batch& batch) {
  if (output.sizes() == batch.targets.sizes()) return;
  throw mixwright::Error("output " + mixwright::list_text(output.sizes().vec()) +
                         ", the samples are " + mixwright::list_text(batch.targets.sizes().vec()) +
                         "; a value for each of theirs expected: leave out a head that gives "
                         "scores, and let the network keep the shape of its input");
}

ReconstructionScore::ReconstructionScore(mixwright::DatasetInfo info,
                                         Question question,
                                         double range)
    : info_(std::move(info)), question_(std::move(question)), range_(range) {
  deviation_ = info_.std.empty() ? torch::ones({1}, torch::kFloat64)
                                 : torch::tensor(info_.std, torch::kFloat64);
  for (torch::Tensor* sum : {&restored_, &given_, &loss_}) *sum = torch::zeros({}, torch::kFloat64);
}

void ReconstructionScore::add(const torch::Tensor& output, const mixwright::Batch& batch) {
  const torch::NoGradGuard no_grad;
  check_restored(output, batch);
  for (torch::Tensor* each : {&deviation_, &restored_, &given_, &loss_}) {
    *each = each->to(output.device());
  }
  const torch::Tensor error = output.detach().to(torch::kFloat64) - batch.targets;
  loss_ += error.square().sum();
  restored_ += (error * deviation_).square().sum();
  given_ += ((batch.inputs.to(torch::kFloat64) - batch.targets) * deviation_).square().sum();
  values_ += error.numel();
  keep_pictures(output.detach(), batch);
}

void ReconstructionScore::keep_pictures(const torch::Tensor& output,
                                        const mixwright::Batch& batch) {
  const int64_t channels = output.size(-1);
  const int64_t count = std::min(kShown - kept_, output.size(0));
  if (count <= 0 || output.dim() != 4 || (channels != 1 && channels != 3)) return;
  kept_ += count;
  const auto keep = [&](std::vector<torch::Tensor>& pictures, const torch::Tensor& values) {
    pictures.push_back(values.narrow(0, 0, count).to(torch::kCPU, torch::kFloat64));
  };
  keep(given_pictures_, batch.inputs);
  keep(restored_pictures_, output);
  keep(original_pictures_, batch.targets);
}

double ReconstructionScore::decibel(const torch::Tensor& squares) const {
  const double mean = squares.item<double>() / static_cast<double>(std::max<int64_t>(values_, 1));
  const double share = mean / (range_ * range_);
  return std::isnan(share) ? share : -10 * std::log10(std::max(share, kLeastShare));
}

std::vector<mixwright::Metric> ReconstructionScore::metrics() const {
  const auto values = static_cast<double>(std::max<int64_t>(values_, 1));
  std::vector<mixwright::Metric> result;
  result.push_back({"psnr", decibel(restored_), true, false});
  if (!question_.given.empty()) result.push_back({"psnr_before", decibel(given_), true, false});
  result.push_back({"mse", restored_.item<double>() / values, false, false});
  result.push_back({"loss", loss_.item<double>() / values, false, false});
  return result;
}

std::vector<mixwright::Sheet> ReconstructionScore::sheets() const {
  if (kept_ == 0) return {};
  const torch::Tensor deviation = deviation_.cpu();
  const torch::Tensor mean = info_.mean.empty() ? torch::zeros({1}, torch::kFloat64)
                                                : torch::tensor(info_.mean, torch::kFloat64);
  mixwright::Sheet sheet;
  sheet.name = question_.name;
  std::vector<torch::Tensor> rows;  // [columns, H, W, C]
  const auto add = [&](const std::string& words, const std::vector<torch::Tensor>& pictures) {
    sheet.rows.push_back(words);
    rows.push_back((torch::cat(pictures) * deviation + mean).clamp(0, 1));
  };
  if (!question_.given.empty()) add(question_.given, given_pictures_);
  add("restored", restored_pictures_);
  add("original", original_pictures_);
  sheet.pictures = torch::stack(rows);
  return {sheet};
}
