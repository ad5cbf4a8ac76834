#include "framework/train/evaluation.h"

#include <chrono>

#include <mixwright/error.h>

#include "framework/data/batch_loader.h"
#include "framework/train/device.h"

namespace mixwright::train {

Batch to_device(Batch batch, const torch::Device& device) {
  if (device.is_cpu()) return batch;
  batch.inputs = batch.inputs.to(device, /*non_blocking=*/true);
  if (batch.targets.defined()) batch.targets = batch.targets.to(device, /*non_blocking=*/true);
  if (batch.mixed) {
    batch.mixed->targets = batch.mixed->targets.to(device, /*non_blocking=*/true);
  }
  return batch;
}

std::optional<Evaluation> evaluate(model::Network& network,
                                   const Task& task,
                                   const data::SampleSource& source,
                                   const EvaluationOptions& options) {
  const torch::NoGradGuard no_grad;
  const EvaluationMode mode(network);
  const auto begin = std::chrono::steady_clock::now();
  data::LoaderOptions loading;
  loading.batch_size = options.batch_size;
  loading.workers = options.workers;
  loading.pin_memory = options.device.is_cuda();
  data::BatchLoader loader(source, loading);
  loader.start(0, 0, 0);
  const std::unique_ptr<Score> score = task.score(source.dataset->info());
  for (int64_t done = 0; auto batch = loader.next(); ++done) {
    if (options.stop && options.stop()) return std::nullopt;
    const Batch moved = to_device(std::move(*batch), options.device);
    torch::Tensor output;
    {
      const Autocast autocast(options.device, options.bfloat16);
      output = to_float32(network.forward(moved.inputs));
    }
    score->add(output, moved);
    if (options.progress) options.progress(done + 1, loader.batches());
  }
  Evaluation result;
  result.metrics = score->metrics();
  result.tables = score->tables();
  if (const auto* shows = dynamic_cast<const ShowsSheets*>(score.get())) {
    result.sheets = shows->sheets();
  }
  result.samples = loader.samples();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (result.metrics.empty()) throw Error("the task gives no metric; one at least expected");
  return result;
}

}  // namespace mixwright::train
