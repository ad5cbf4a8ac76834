#include <mixwright/task.h>

#include "checker.h"

namespace mixwright::conformance {

namespace {

DatasetInfo some_data() {
  DatasetInfo info;
  info.input = Shape{{4, 4}, 1, 0, {}};
  info.classes = 5;
  return info;
}

Batch ten_samples(const Task& task) {
  Batch batch;
  batch.targets = torch::arange(10).remainder(5);
  batch.inputs = torch::arange(160).to(torch::kFloat32).div(160).view({10, 4, 4, 1});
  batch.indices = torch::arange(10);
  std::vector<SampleRandom> random;
  for (uint64_t i = 0; i < 10; ++i) random.emplace_back(1, 2, i);
  if (const auto* asks = dynamic_cast<const MakesQuestions*>(&task)) {
    asks->prepare(batch, some_data(), random);
  }
  return batch;
}

/// What a network might say: values where values are asked for, else scores of classes.
torch::Tensor some_output(const Batch& batch) {
  return batch.targets.is_floating_point() ? torch::randn_like(batch.targets)
                                           : torch::randn({10, 5});
}

std::string prepares_the_same(const Task& task) {
  const Batch first = ten_samples(task);
  const Batch second = ten_samples(task);
  if (first.inputs.sizes() != torch::IntArrayRef({10, 4, 4, 1})) return "inputs of another size";
  return first.inputs.equal(second.inputs) && first.targets.equal(second.targets)
             ? ""
             : "the same samples and sources of randomness give different batches";
}

std::string loss_is_trainable(const Task& task) {
  const Batch batch = ten_samples(task);
  torch::Tensor output = some_output(batch).requires_grad_();
  const torch::Tensor loss = task.loss(output, batch);
  if (loss.dim() != 0 || !loss.isfinite().item<bool>()) return "the loss is no finite scalar";
  loss.backward();
  if (!output.grad().defined()) return "the loss has no gradient";
  return task.loss(output.detach(), batch).equal(loss.detach())
             ? ""
             : "the same output has two different losses";
}

std::string scores(const Task& task) {
  const std::unique_ptr<Score> score = task.score(some_data());
  const Batch batch = ten_samples(task);
  score->add(some_output(batch), batch);
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
  checker.run("prepared alike", [&] { return prepares_the_same(*task); });
  checker.run("loss", [&] { return loss_is_trainable(*task); });
  checker.run("score", [&] { return scores(*task); });
}

}  // namespace mixwright::conformance
