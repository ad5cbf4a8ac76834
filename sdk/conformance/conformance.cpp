#include <algorithm>

#include <mixwright/conformance.h>
#include <mixwright/dataset.h>
#include <mixwright/task.h>

#include "layer_checks.h"

namespace mixwright::conformance {

size_t Report::count(Outcome outcome) const {
  return static_cast<size_t>(std::count_if(
      checks.begin(), checks.end(), [&](const Check& check) { return check.outcome == outcome; }));
}

void Checker::run(const std::string& name, const std::function<std::string()>& body) {
  Check check;
  check.name = name;
  try {
    torch::manual_seed(1);
    check.detail = body();
  } catch (const c10::Error& error) {
    check.detail = first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    check.detail = first_line(error.what());
  }
  check.outcome = check.detail.empty() ? Outcome::kPassed : Outcome::kFailed;
  report_.checks.push_back(std::move(check));
}

void Checker::skip(const std::string& name, const std::string& why) {
  report_.checks.push_back({name, Outcome::kSkipped, why});
}

namespace {

std::shared_ptr<void> make(const Subject& subject) {
  BuildContext context;
  context.path = subject.name;
  context.factory = subject.factory;
  ConfigValue table = printed_options(subject);
  table.set("type", subject.name);
  return subject.factory->make(subject.entry->kind, table, context);
}

std::string options_agree(const Subject& subject) {
  ConfigValue table = printed_options(subject);
  table.set("type", subject.name);
  Diagnostics accepted;
  subject.entry->validate(table, subject.factory, accepted);
  if (!accepted.ok()) return "printed options are refused: " + accepted.errors().front().message;
  table.set("no_such_option_at_all", 1);
  Diagnostics refused;
  subject.entry->validate(table, subject.factory, refused);
  return refused.ok() ? "an unknown option is accepted" : "";
}

std::string dataset_reads(const Dataset& dataset) {
  const DatasetInfo& info = dataset.info();
  if (dataset.size(Split::kTrain) < 1) return "the training split is empty";
  const std::vector<int64_t> indices = {0, dataset.size(Split::kTrain) - 1};
  const Batch batch = dataset.read(Split::kTrain, indices);
  std::vector<int64_t> expected = {2};
  expected.insert(expected.end(), info.input.grid.begin(), info.input.grid.end());
  if (info.input.channels > 0) expected.push_back(info.input.channels);
  if (batch.inputs.sizes().vec() != expected) {
    return "info() promises " + list_text(expected) + ", read gives " +
           list_text(batch.inputs.sizes().vec());
  }
  const Batch again = dataset.read(Split::kTrain, indices);
  if (!again.inputs.equal(batch.inputs) || !again.targets.equal(batch.targets)) {
    return "two reads of the same samples differ";
  }
  const auto drawn = [&] {
    std::vector<SampleRandom> random = {{1, 2, 3}, {1, 2, 4}};
    return dataset.read_for_training(indices, random);
  };
  const Batch training = drawn();
  if (training.inputs.sizes() != batch.inputs.sizes()) {
    return "read_for_training gives samples of another size than read";
  }
  if (!training.inputs.equal(drawn().inputs)) {
    return "the same randomness gives two different samples";
  }
  return batch.inputs.is_contiguous() ? "" : "inputs are not contiguous";
}

std::string sample_transform_works(const Transform& transform, const torch::Tensor& sample) {
  const torch::Tensor kept = sample.clone();
  const std::string type = c10::toString(sample.scalar_type());
  SampleRandom one(1, 2, 3);
  SampleRandom same(1, 2, 3);
  const torch::Tensor first = transform.apply(sample, one);
  if (!sample.equal(kept)) return "apply changes its input";
  if (first.sizes() != sample.sizes()) {
    return "apply makes " + list_text(first.sizes().vec()) + " of " +
           list_text(sample.sizes().vec()) + ", the same size expected";
  }
  if (first.scalar_type() != sample.scalar_type()) {
    return "apply makes " + std::string(c10::toString(first.scalar_type())) + " of " + type +
           ", the same type expected";
  }
  return transform.apply(sample, same).equal(first)
             ? ""
             : "the same randomness gives two different samples";
}

std::string batch_transform_works(const Transform& transform) {
  const torch::Tensor inputs = torch::randn({6, 12, 12, 3});
  const auto augmented = [&] {
    Batch batch;
    batch.inputs = inputs.clone();
    batch.targets = torch::arange(6).remainder(2);
    batch.indices = torch::arange(6);
    SampleRandom random(1, 2, 3);
    transform.apply_to_batch(batch, random);
    return batch;
  };
  const Batch first = augmented();
  const Batch second = augmented();
  if (first.inputs.sizes() != inputs.sizes()) return "apply_to_batch changes the size";
  if (!first.inputs.equal(second.inputs)) return "the same randomness gives two different batches";
  if (!first.mixed) return "";
  const bool whole = first.mixed->share >= 0 && first.mixed->share <= 1 &&
                     first.mixed->targets.sizes() == first.targets.sizes();
  return whole ? "" : "mixed holds a share outside 0 to 1, or targets of another size";
}

std::string transform_works(const Transform& transform) {
  const torch::Tensor bytes = torch::randint(256, {12, 12, 3}, torch::kUInt8);
  for (const torch::Tensor& sample : {bytes, bytes.to(torch::kFloat32) / 255.0}) {
    const std::string reason = sample_transform_works(transform, sample);
    if (!reason.empty()) return reason;
  }
  return batch_transform_works(transform);
}

std::string task_scores(const Task& task) {
  DatasetInfo info;
  info.input = Shape{{4, 4}, 1, 0, {}};
  info.classes = 5;
  Batch batch;
  batch.targets = torch::arange(10).remainder(5);
  batch.inputs = torch::zeros({10, 4, 4, 1});
  torch::Tensor output = torch::randn({10, 5}).requires_grad_();
  const torch::Tensor loss = task.loss(output, batch);
  if (loss.dim() != 0 || !loss.isfinite().item<bool>()) return "the loss is no finite scalar";
  loss.backward();
  if (!output.grad().defined()) return "the loss has no gradient";
  const std::unique_ptr<Score> score = task.score(info);
  score->add(output.detach(), batch);
  return score->metrics().empty() ? "no metrics" : "";
}

}  // namespace

Report check(const Subject& subject) {
  Report report;
  report.kind = subject.entry->kind;
  report.component = subject.name;
  Checker checker(report);
  if (report.kind == "dataset" || report.kind == "transform" || report.kind == "task") {
    checker.run("options agree with describe", [&] { return options_agree(subject); });
    checker.run("built from printed defaults",
                [&] { return make(subject) ? "" : "nothing was built"; });
    checker.run("works", [&]() -> std::string {
      const std::shared_ptr<void> object = make(subject);
      if (report.kind == "dataset")
        return dataset_reads(*std::static_pointer_cast<Dataset>(object));
      if (report.kind == "task") return task_scores(*std::static_pointer_cast<Task>(object));
      return transform_works(*std::static_pointer_cast<Transform>(object));
    });
  } else {
    check_layer(subject, checker);
  }
  return report;
}

std::string text(const Report& report, bool every_check) {
  std::string result = report.kind + " " + report.component + ": " +
                       std::to_string(report.count(Outcome::kPassed)) + " passed, " +
                       std::to_string(report.count(Outcome::kFailed)) + " failed, " +
                       std::to_string(report.count(Outcome::kSkipped)) + " skipped\n";
  for (const Check& check : report.checks) {
    if (check.outcome == Outcome::kPassed && !every_check) continue;
    const char* word = check.outcome == Outcome::kPassed   ? "ok      "
                       : check.outcome == Outcome::kFailed ? "FAILED  "
                                                           : "skipped ";
    result += std::string("  ") + word + check.name +
              (check.detail.empty() ? "" : ": " + check.detail) + "\n";
  }
  return result;
}

}  // namespace mixwright::conformance
