#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <mixwright/task.h>

#include "framework/data/sample_source.h"
#include "framework/model/network.h"

namespace mixwright::train {

/// Evaluation mode for a while.
class EvaluationMode {
 public:
  explicit EvaluationMode(model::Network& network)
      : network_(network), was_training_(network.is_training()) {
    network_.eval();
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;
  ~EvaluationMode() { network_.train(was_training_); }

 private:
  model::Network& network_;
  bool was_training_;
};

struct EvaluationOptions {
  int64_t batch_size = 256;
  int64_t workers = 1;
  torch::Device device = torch::kCPU;
  bool bfloat16 = false;       ///< see Autocast
  std::function<bool()> stop;  ///< asked before every batch; true ends the evaluation
  std::function<void(int64_t batch, int64_t batches)> progress;
};

struct Evaluation {
  std::vector<Metric> metrics;  ///< the first decides which checkpoint is best
  std::vector<Table> tables;
  std::vector<Sheet> sheets;
  int64_t samples = 0;
  double seconds = 0;
};

/// Runs the network over all samples of a source in evaluation mode, without gradients, and scores
/// it. The network is left in the mode it came in. Nothing where `stop` said so.
std::optional<Evaluation> evaluate(model::Network& network,
                                   const Task& task,
                                   const data::SampleSource& source,
                                   const EvaluationOptions& options);

/// A batch on a device.
Batch to_device(Batch batch, const torch::Device& device);

}  // namespace mixwright::train
