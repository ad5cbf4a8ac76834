#include "retrieval.h"

#include <mixwright/error.h>

namespace {

void check_shapes(const torch::Tensor& output, const mixwright::Batch& batch) {
  if (output.sizes() == batch.targets.sizes()) return;
  throw mixwright::Error("the network answers " + mixwright::list_text(output.sizes().vec()) +
                         ", the patterns are " + mixwright::list_text(batch.targets.sizes().vec()) +
                         "; a network that gives back what it is shown expected, with head = "
                         "\"none\"");
}

class RetrievalScore final : public mixwright::Score {
 public:
  explicit RetrievalScore(const RetrievalOptions& options) : options_(options) {}

  void add(const torch::Tensor& output, const mixwright::Batch& batch) override {
    check_shapes(output, batch);
    const torch::Tensor answer = output.flatten(1).to(torch::kFloat64);
    const torch::Tensor pattern = batch.targets.flatten(1).to(torch::kFloat64);
    const torch::Tensor overlap = torch::cosine_similarity(answer, pattern, 1);  // [B]
    const torch::Tensor farthest = (answer - pattern).abs().amax(1);
    cues_ += static_cast<double>(overlap.size(0));
    retrieved_ += (overlap >= options_.overlap).sum().item<double>();
    exact_ += (farthest <= options_.tolerance).sum().item<double>();
    overlap_ += overlap.sum().item<double>();
  }

  std::vector<mixwright::Metric> metrics() const override {
    const auto metric = [this](const char* name, double sum, bool percent) {
      return mixwright::Metric{name, sum / cues_, /*higher_is_better=*/true, percent};
    };
    return {metric("retrieved", retrieved_, true),
            metric("exact", exact_, true),
            metric("overlap", overlap_, false)};
  }

 private:
  RetrievalOptions options_;
  double cues_ = 0;
  double retrieved_ = 0;
  double exact_ = 0;
  double overlap_ = 0;
};

}  // namespace

void Retrieval::prepare(mixwright::Batch& batch,
                        const mixwright::DatasetInfo&,
                        std::span<mixwright::SampleRandom>) const {
  const bool has_patterns = batch.targets.defined() && batch.targets.is_floating_point() &&
                            batch.targets.sizes() == batch.inputs.sizes();
  if (!has_patterns) batch.targets = batch.inputs.clone();
}

torch::Tensor Retrieval::loss(const torch::Tensor& output, const mixwright::Batch& batch) const {
  check_shapes(output, batch);
  return torch::mse_loss(output, batch.targets);
}

std::unique_ptr<mixwright::Score> Retrieval::score(const mixwright::DatasetInfo&) const {
  return std::make_unique<RetrievalScore>(options_);
}
