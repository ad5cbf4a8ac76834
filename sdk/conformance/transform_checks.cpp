#include <mixwright/dataset.h>

#include "checker.h"
#include "threads.h"

namespace mixwright::conformance {

namespace {

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

std::vector<torch::Tensor> samples() {
  const torch::Tensor bytes = torch::randint(256, {12, 12, 3}, torch::kUInt8);
  return {bytes, bytes.to(torch::kFloat32) / 255.0};
}

std::string samples_work(const Transform& transform) {
  for (const torch::Tensor& sample : samples()) {
    const std::string reason = sample_transform_works(transform, sample);
    if (!reason.empty()) return reason;
  }
  return "";
}

Batch augmented(const Transform& transform, const torch::Tensor& inputs) {
  Batch batch;
  batch.inputs = inputs.clone();
  batch.targets = torch::arange(6).remainder(2);
  batch.indices = torch::arange(6);
  SampleRandom random(1, 2, 3);
  transform.apply_to_batch(batch, random);
  return batch;
}

std::string batches_work(const Transform& transform) {
  const torch::Tensor inputs = torch::randn({6, 12, 12, 3});
  const Batch first = augmented(transform, inputs);
  const Batch second = augmented(transform, inputs);
  if (first.inputs.sizes() != inputs.sizes()) return "apply_to_batch changes the size";
  if (!first.inputs.equal(second.inputs)) return "the same randomness gives two different batches";
  if (!first.mixed) return "";
  const bool whole = first.mixed->share >= 0 && first.mixed->share <= 1 &&
                     first.mixed->targets.sizes() == first.targets.sizes();
  return whole ? "" : "mixed holds a share outside 0 to 1, or targets of another size";
}

std::string threads_agree(const Transform& transform) {
  const std::vector<torch::Tensor> inputs = samples();
  const auto made = [&](int thread) {
    SampleRandom random(1, 2, static_cast<uint64_t>(thread));
    return transform.apply(inputs[static_cast<size_t>(thread) % inputs.size()], random);
  };
  std::vector<torch::Tensor> expected;
  for (int i = 0; i < kThreads; ++i) expected.push_back(made(i));
  return in_threads([&](int thread) -> std::string {
    return made(thread).equal(expected[static_cast<size_t>(thread)])
               ? ""
               : "run by several threads at once it answers otherwise than run by one";
  });
}

}  // namespace

void check_transform(const Subject& subject, Checker& checker) {
  std::shared_ptr<Transform> transform;
  checker.run("built from printed defaults", [&]() -> std::string {
    transform = std::static_pointer_cast<Transform>(build_alone(subject));
    return "";
  });
  if (!transform) return;
  checker.run("samples", [&] { return samples_work(*transform); });
  checker.run("batches", [&] { return batches_work(*transform); });
  checker.run("several threads at once", [&] { return threads_agree(*transform); });
}

}  // namespace mixwright::conformance
