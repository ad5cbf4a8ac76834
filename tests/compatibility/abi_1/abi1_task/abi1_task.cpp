#include "abi1_task.h"

#include <string>

#include <mixwright/error.h>

namespace {

/// The share of samples whose class is the most probable one.
class Accuracy final : public mixwright::Score {
 public:
  void add(const torch::Tensor& output, const mixwright::Batch& batch) override {
    right_ += output.argmax(1).eq(batch.targets).sum().item<int64_t>();
    seen_ += batch.targets.size(0);
  }
  std::vector<mixwright::Metric> metrics() const override {
    const double share =
        seen_ == 0 ? 0.0 : static_cast<double>(right_) / static_cast<double>(seen_);
    return {{"accuracy", share, /*higher_is_better=*/true, /*percent=*/true}};
  }

 private:
  int64_t right_ = 0;
  int64_t seen_ = 0;
};

}  // namespace

torch::Tensor Abi1Task::loss(const torch::Tensor& output, const mixwright::Batch& batch) const {
  const torch::Tensor own = output.log_softmax(1).gather(1, batch.targets.unsqueeze(1));  // [B, 1]
  return -((1 - own.exp()).clamp_min(1e-12).pow(gamma_) * own).mean();
}

std::unique_ptr<mixwright::Score> Abi1Task::score(const mixwright::DatasetInfo& info) const {
  if (info.classes < 2) {
    throw mixwright::BuildError("the data have " + std::to_string(info.classes) +
                                " classes, two or more expected; choose another task or dataset");
  }
  return std::make_unique<Accuracy>();
}

MIXWRIGHT_PLUGIN("abi1_task",
                 "0.1.0",
                 "Apache-2.0",
                 task<Abi1Task>("abi1_task",
                                "classes, with less weight on known samples",
                                "your paper"))
