#include "framework/data/sample_source.h"

#include <cstring>
#include <exception>

#include <mixwright/error.h>

namespace mixwright::data {

namespace {

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

}  // namespace

int64_t SampleSource::size() const {
  return samples.empty() ? dataset->size(split) : static_cast<int64_t>(samples.size());
}

Batch SampleSource::read(std::span<const int64_t> places, uint64_t seed, int64_t epoch) const {
  std::vector<int64_t> chosen;
  if (!samples.empty()) {
    for (const int64_t place : places) chosen.push_back(samples[static_cast<size_t>(place)]);
    places = chosen;
  }
  Batch batch;
  try {
    batch = dataset->read(split, places);
  } catch (...) {
    throw Error("dataset \"" + name + "\": " + current_reason());
  }
  const auto count = static_cast<int64_t>(places.size());
  if (!batch.inputs.defined() || batch.inputs.dim() == 0 || batch.inputs.size(0) != count) {
    throw Error("dataset \"" + name + "\": " + std::to_string(count) + " samples were asked for, " +
                (batch.inputs.defined() && batch.inputs.dim() > 0
                     ? std::to_string(batch.inputs.size(0))
                     : "no batch") +
                " came");
  }
  if (!transforms.empty()) augment(batch, seed, epoch);
  return batch;
}

void SampleSource::augment(Batch& batch, uint64_t seed, int64_t epoch) const {
  torch::Tensor augmented = torch::empty_like(batch.inputs);
  const auto* indices = batch.indices.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < batch.inputs.size(0); ++i) {
    SampleRandom random(seed, static_cast<uint64_t>(epoch), static_cast<uint64_t>(indices[i]));
    torch::Tensor sample = batch.inputs[i];
    try {
      for (const auto& transform : transforms) sample = transform->apply(sample, random);
    } catch (...) {
      throw Error("transform of sample " + std::to_string(indices[i]) + " of dataset \"" + name +
                  "\": " + current_reason());
    }
    if (sample.sizes() != batch.inputs[i].sizes()) {
      throw Error("transform of sample " + std::to_string(indices[i]) + " of dataset \"" + name +
                  "\": gave " + list_text(sample.sizes().vec()) + ", " +
                  list_text(batch.inputs[i].sizes().vec()) +
                  " expected: a transform keeps the size");
    }
    augmented[i].copy_(sample);
  }
  batch.inputs = augmented;
}

}  // namespace mixwright::data
