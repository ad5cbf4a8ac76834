#include <algorithm>
#include <numeric>

#include <mixwright/error.h>

#include "framework/data/permutation.h"
#include "framework/train/trainer.h"

namespace mixwright::train {

namespace {

data::SampleSource source_of(const TrainingParts& parts, Split split) {
  data::SampleSource source;
  source.dataset = parts.dataset;
  source.name = parts.dataset_name;
  source.task = parts.task;
  source.split = split;
  return source;
}

int64_t usable_samples(const TrainingParts& parts, Split split) {
  const int64_t limit = split == Split::kTrain ? parts.limit_train : parts.limit_test;
  const int64_t size = parts.dataset->size(split);
  return limit > 0 ? std::min(limit, size) : size;
}

data::Holdout holdout_of(const TrainingParts& parts) {
  return data::hold_out(usable_samples(parts, Split::kTrain), parts.options.holdout, parts.seed);
}

}  // namespace

data::SampleSource training_source(const TrainingParts& parts) {
  data::SampleSource source = source_of(parts, Split::kTrain);
  source.transforms = parts.transforms;
  source.training = true;
  source.samples = holdout_of(parts).train;
  return source;
}

data::SampleSource validation_source(const TrainingParts& parts) {
  if (parts.options.holdout <= 0) return test_source(parts);
  data::SampleSource source = source_of(parts, Split::kTrain);
  source.samples = holdout_of(parts).validation;
  if (source.samples.empty()) {
    throw UsageError("train.holdout keeps none of " +
                     std::to_string(usable_samples(parts, Split::kTrain)) +
                     " samples; give a larger share, or 0 to validate on the test split");
  }
  return source;
}

data::SampleSource test_source(const TrainingParts& parts) {
  data::SampleSource source = source_of(parts, Split::kTest);
  source.samples.resize(static_cast<size_t>(usable_samples(parts, Split::kTest)));
  std::iota(source.samples.begin(), source.samples.end(), 0);
  return source;
}

}  // namespace mixwright::train
