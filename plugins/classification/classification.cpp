#include "classification.h"

#include <mixwright/error.h>

#include "classification_score.h"

torch::Tensor Classification::loss(const torch::Tensor& output,
                                   const mixwright::Batch& batch) const {
  return torch::nn::functional::cross_entropy(
      output,
      batch.targets,
      torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(label_smoothing_));
}

std::unique_ptr<mixwright::Score> Classification::score(const mixwright::DatasetInfo& info) const {
  if (info.classes < 2) {
    throw mixwright::BuildError("the data have " + std::to_string(info.classes) +
                                " classes, two or more expected; choose another task or dataset");
  }
  return std::make_unique<ClassificationScore>(info);
}
