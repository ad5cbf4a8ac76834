#include "framework/train/stored_samples.h"

#include <mixwright/error.h>
#include <mixwright/stores.h>

#include "framework/data/batch_loader.h"

namespace mixwright::train {

namespace {

constexpr int64_t kBatch = 256;  // samples read at a time

}  // namespace

int64_t store_samples(const TrainingParts& parts) {
  auto* storing = dynamic_cast<Stores*>(parts.network->whole().get());
  const int64_t room = storing == nullptr ? 0 : storing->room();
  if (room == 0) return 0;
  data::SampleSource source = training_source(parts);
  if (source.size() < room) {
    throw UsageError("the network stores " + std::to_string(room) +
                     " samples, the training split has " + std::to_string(source.size()) +
                     "; give the network less room, or the data more samples");
  }
  source.task.reset();  // samples as they are, not what is asked of them
  source.transforms.clear();
  source.training = false;
  if (source.samples.empty()) {
    for (int64_t i = 0; i < room; ++i) source.samples.push_back(i);
  } else {
    source.samples.resize(static_cast<size_t>(room));
  }
  data::LoaderOptions options;
  options.batch_size = kBatch;
  data::BatchLoader loader(source, options);
  loader.start(0, 0, 0);
  std::vector<torch::Tensor> samples;
  while (auto batch = loader.next()) samples.push_back(std::move(batch->inputs));
  const torch::NoGradGuard no_grad;
  storing->store(torch::cat(samples).to(parts.device));
  return room;
}

}  // namespace mixwright::train
