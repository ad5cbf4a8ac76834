#include "classification.h"

#include <algorithm>

#include <mixwright/error.h>

#include "classification_score.h"

torch::Tensor Classification::loss(const torch::Tensor& output,
                                   const mixwright::Batch& batch) const {
  return torch::nn::functional::cross_entropy(
      output,
      batch.targets,
      torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options_.label_smoothing));
}

torch::Tensor Classification::teacher_loss(const torch::Tensor& output,
                                           const torch::Tensor& teacher) const {
  if (output.sizes() != teacher.sizes()) {
    throw mixwright::Error("the teacher scores " + mixwright::list_text(teacher.sizes().vec()) +
                           ", this network " + mixwright::list_text(output.sizes().vec()) +
                           "; a teacher of the same classes expected");
  }
  if (options_.distillation == Distillation::kHard) {
    return torch::nn::functional::cross_entropy(output, teacher.argmax(1));
  }
  const double t = options_.temperature;
  const torch::Tensor divergence = torch::kl_div((output / t).log_softmax(1),
                                                 (teacher / t).log_softmax(1),
                                                 at::Reduction::Sum,
                                                 /*log_target=*/true);
  return divergence * (t * t / static_cast<double>(output.numel()));
}

std::unique_ptr<mixwright::Score> Classification::score(const mixwright::DatasetInfo& info) const {
  if (info.classes < 2) {
    throw mixwright::BuildError("the data have " + std::to_string(info.classes) +
                                " classes, two or more expected; choose another task or dataset");
  }
  return std::make_unique<ClassificationScore>(info);
}

std::vector<std::vector<mixwright::Prediction>> Classification::predictions(
    const torch::Tensor& output, const mixwright::DatasetInfo& info, int64_t most) const {
  const torch::Tensor scores = output.detach().to(torch::kCPU, torch::kFloat64);
  check_scores(scores, info);
  // Stable: of equals the first comes first, as the accuracy's argmax has it. Both [B, K].
  const auto [sorted, order] =
      torch::sort(scores.softmax(1), /*stable=*/true, /*dim=*/1, /*descending=*/true);
  const auto probabilities = sorted.accessor<double, 2>();
  const auto classes = order.accessor<int64_t, 2>();
  const int64_t answers = std::clamp<int64_t>(most, 0, info.classes);
  std::vector<std::vector<mixwright::Prediction>> result(static_cast<size_t>(scores.size(0)));
  for (int64_t i = 0; i < scores.size(0); ++i) {
    for (int64_t k = 0; k < answers; ++k) {
      result[static_cast<size_t>(i)].push_back(
          {class_name(info, classes[i][k]), probabilities[i][k]});
    }
  }
  return result;
}
