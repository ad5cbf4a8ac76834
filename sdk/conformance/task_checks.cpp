#include <mixwright/task.h>

#include "checker.h"

namespace mixwright::conformance {

namespace {

Batch ten_samples() {
  Batch batch;
  batch.targets = torch::arange(10).remainder(5);
  batch.inputs = torch::zeros({10, 4, 4, 1});
  return batch;
}

std::string loss_is_trainable(const Task& task) {
  const Batch batch = ten_samples();
  torch::Tensor output = torch::randn({10, 5}).requires_grad_();
  const torch::Tensor loss = task.loss(output, batch);
  if (loss.dim() != 0 || !loss.isfinite().item<bool>()) return "the loss is no finite scalar";
  loss.backward();
  if (!output.grad().defined()) return "the loss has no gradient";
  return task.loss(output.detach(), batch).equal(loss.detach())
             ? ""
             : "the same output has two different losses";
}

std::string scores(const Task& task) {
  DatasetInfo info;
  info.input = Shape{{4, 4}, 1, 0, {}};
  info.classes = 5;
  const std::unique_ptr<Score> score = task.score(info);
  score->add(torch::randn({10, 5}), ten_samples());
  return score->metrics().empty() ? "no metrics" : "";
}

}  // namespace

void check_task(const Subject& subject, Checker& checker) {
  std::shared_ptr<Task> task;
  checker.run("built from printed defaults", [&]() -> std::string {
    task = std::static_pointer_cast<Task>(build_alone(subject));
    return "";
  });
  if (!task) return;
  checker.run("loss", [&] { return loss_is_trainable(*task); });
  checker.run("score", [&] { return scores(*task); });
}

}  // namespace mixwright::conformance
