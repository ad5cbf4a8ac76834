#include "framework/data/sample_source.h"

#include <algorithm>
#include <exception>

#include <mixwright/error.h>

#include "framework/data/normalization.h"

namespace mixwright::data {

namespace {

// Streams of randomness: samples count from 0, their repeats stand above the count, batches above
// those; the shuffle's are at the top (permutation.cpp).
constexpr uint64_t kRepeatShift = 48;
constexpr uint64_t kBatchStream = uint64_t{1} << 62;
// In the place of an epoch: the same for every evaluation of every run.
constexpr uint64_t kEvaluation = ~uint64_t{0};

/// Text of the exception in flight, one line.
std::string current_reason() {
  try {
    throw;
  } catch (const c10::Error& error) {
    return first_line(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return first_line(error.what());
  } catch (...) {
    return "threw something that is no exception";
  }
}

/// Without it a label beyond the classes ends in the loss, which knows neither sample nor dataset.
void check_labels(const Batch& batch, int64_t classes, std::span<const int64_t> indices) {
  const torch::Tensor& labels = batch.targets;
  if (classes == 0 || !labels.defined() || labels.scalar_type() != torch::kInt64 ||
      labels.dim() != 1 || !labels.is_cpu()) {
    return;
  }
  if (labels.size(0) != static_cast<int64_t>(indices.size())) {
    throw Error(std::to_string(indices.size()) + " samples were asked for, " +
                std::to_string(labels.size(0)) + " labels came");
  }
  const auto label = labels.accessor<int64_t, 1>();
  for (int64_t i = 0; i < labels.size(0); ++i) {
    if (label[i] >= 0 && label[i] < classes) continue;
    throw Error("label " + std::to_string(label[i]) + " of sample " +
                std::to_string(indices[static_cast<size_t>(i)]) + "; 0 to " +
                std::to_string(classes - 1) + " expected for " + std::to_string(classes) +
                " classes");
  }
}

}  // namespace

int64_t SampleSource::size() const {
  return samples.empty() ? dataset->size(split) : static_cast<int64_t>(samples.size());
}

Batch SampleSource::read(std::span<const int64_t> places, const BatchPlace& where) const {
  std::vector<int64_t> chosen;
  if (!samples.empty()) {
    for (const int64_t place : places) chosen.push_back(samples[static_cast<size_t>(place)]);
    places = chosen;
  }
  std::vector<SampleRandom> random;
  for (size_t i = 0; i < places.size(); ++i) {
    const auto place = static_cast<uint64_t>(places[i]);
    if (!training) {
      random.emplace_back(0, kEvaluation, place);
      continue;
    }
    const auto repeat = static_cast<uint64_t>((where.first + static_cast<int64_t>(i)) %
                                              std::max<int64_t>(1, where.repeats));
    random.emplace_back(
        where.seed, static_cast<uint64_t>(where.epoch), place | repeat << kRepeatShift);
  }
  Batch batch = read_dataset(places, random);
  if (training && !transforms.empty()) augment(batch, random);
  try {
    check_labels(batch, dataset->info().classes, places);
    batch.inputs = normalised(batch.inputs, dataset->info());
  } catch (const Error& error) {
    throw Error("dataset \"" + name + "\": " + error.what());
  }
  if (training && !transforms.empty()) augment_whole(batch, where);
  if (task) prepare(batch, random);
  return batch;
}

void SampleSource::prepare(Batch& batch, std::span<SampleRandom> random) const {
  const auto* asks = dynamic_cast<const MakesQuestions*>(task.get());
  if (asks == nullptr) return;
  const std::vector<int64_t> before = batch.inputs.sizes().vec();
  try {
    asks->prepare(batch, dataset->info(), random);
  } catch (...) {
    throw Error("task, given samples of dataset \"" + name + "\": " + current_reason());
  }
  if (batch.inputs.sizes() != before) {
    throw Error("task, given samples of dataset \"" + name + "\": made inputs " +
                list_text(batch.inputs.sizes().vec()) + " of " + list_text(before) +
                "; a task keeps their size");
  }
}

Batch SampleSource::read_dataset(std::span<const int64_t> indices,
                                 std::span<SampleRandom> random) const {
  Batch batch;
  try {
    batch = training ? dataset->read_for_training(indices, random) : dataset->read(split, indices);
  } catch (...) {
    throw Error("dataset \"" + name + "\": " + current_reason());
  }
  const auto count = static_cast<int64_t>(indices.size());
  if (!batch.inputs.defined() || batch.inputs.dim() == 0 || batch.inputs.size(0) != count) {
    throw Error("dataset \"" + name + "\": " + std::to_string(count) + " samples were asked for, " +
                (batch.inputs.defined() && batch.inputs.dim() > 0
                     ? std::to_string(batch.inputs.size(0))
                     : "no batch") +
                " came");
  }
  return batch;
}

void SampleSource::augment(Batch& batch, std::span<SampleRandom> random) const {
  torch::Tensor augmented = torch::empty_like(batch.inputs);
  const auto* indices = batch.indices.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < batch.inputs.size(0); ++i) {
    const auto refuse = [&](const std::string& reason) {
      throw Error("transform of sample " + std::to_string(indices[i]) + " of dataset \"" + name +
                  "\": " + reason);
    };
    torch::Tensor sample = batch.inputs[i];
    try {
      for (const auto& transform : transforms) {
        sample = transform->apply(sample, random[static_cast<size_t>(i)]);
      }
    } catch (...) {
      refuse(current_reason());
    }
    if (sample.sizes() != batch.inputs[i].sizes()) {
      refuse("gave " + list_text(sample.sizes().vec()) + ", " +
             list_text(batch.inputs[i].sizes().vec()) + " expected: a transform keeps the size");
    }
    if (sample.scalar_type() != batch.inputs.scalar_type()) {
      refuse(std::string("gave ") + c10::toString(sample.scalar_type()) + ", " +
             c10::toString(batch.inputs.scalar_type()) + " expected: a transform keeps the type");
    }
    augmented[i].copy_(sample);
  }
  batch.inputs = augmented;
}

void SampleSource::augment_whole(Batch& batch, const BatchPlace& where) const {
  SampleRandom random(where.seed,
                      static_cast<uint64_t>(where.epoch),
                      kBatchStream | static_cast<uint64_t>(where.batch));
  const std::vector<int64_t> before = batch.inputs.sizes().vec();
  try {
    for (const auto& transform : transforms) transform->apply_to_batch(batch, random);
  } catch (...) {
    throw Error("transform of batch " + std::to_string(where.batch) + " of dataset \"" + name +
                "\": " + current_reason());
  }
  if (batch.inputs.sizes() != before) {
    throw Error("transform of batch " + std::to_string(where.batch) + " of dataset \"" + name +
                "\": gave " + list_text(batch.inputs.sizes().vec()) + ", " + list_text(before) +
                " expected: a transform keeps the size");
  }
}

}  // namespace mixwright::data
