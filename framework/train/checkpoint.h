#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "framework/model/factory.h"
#include "framework/model/network.h"
#include "framework/train/moving_average.h"
#include "framework/train/optimizer.h"

namespace mixwright::train {

/// Where a training stands, apart from its tensors.
struct TrainState {
  int64_t step = 0;   ///< steps done
  int64_t epoch = 0;  ///< the epoch in work, from 0
  int64_t batch = 0;  ///< its batches done
  bool finished = false;
  int64_t best_step = -1;  ///< -1: not validated yet
  double best_value = 0;
  int64_t skipped_steps = 0;  ///< left out because something was not finite
  int64_t skipped_in_a_row = 0;
  double seconds = 0;  ///< of training, over all its sessions

  // Sums over the steps since the last line of metrics.jsonl, so that a resumed training writes the
  // line that it would have written.
  int64_t interval_steps = 0;
  double interval_loss = 0;
  double interval_penalty = 0;
  int64_t interval_measured = 0;                   ///< steps whose metrics were taken
  std::map<std::string, double> interval_metrics;  ///< their sums

  /// What must be the same for a resumed training to end bit-equal.
  uint64_t seed = 0;
  int64_t threads = 0;
  std::string libtorch;
  std::string precision;
};

/// A component that the checkpoint's weights belong to.
struct ComponentRevision {
  std::string kind;
  std::string name;
  int64_t revision = 1;
};

/// All that a checkpoint holds.
struct Snapshot {
  model::Network& network;
  Optimizer& optimizer;
  MovingAverage* average = nullptr;  ///< null: none is kept
};

/// Which of a checkpoint's weights are wanted: the average, where one was kept.
enum class Weights { kAverage, kTrained };

/// Weights and the file that they are named after.
struct SavedWeights {
  std::filesystem::path file;
  std::map<std::string, torch::Tensor> tensors;
};

std::vector<ComponentRevision> revisions_of(const model::PartFactory& factory);

/// The checkpoints of a run: folders `checkpoints/step-N` of model.safetensors,
/// optimizer.safetensors, ema.safetensors where an average is kept, and state.toml, and the links
/// `best` and `last` in the run's folder.
///
/// A checkpoint is written under a temporary name, synced and renamed, so a folder of that name is
/// always whole; links are replaced in one step. Checksums in the files show flipped bits.
class Checkpoints {
 public:
  explicit Checkpoints(std::filesystem::path run) : run_(std::move(run)) {}

  /// Removes what a killed training left half-written. Call only under the run's lock.
  void remove_leftovers() const;

  /// Writes a checkpoint and points `last`, and `best` where asked, at it; then removes the oldest
  /// ones but `keep`, the best one and the last one. When this returns all has reached the disk.
  void save(const Snapshot& snapshot,
            const TrainState& state,
            const std::vector<ComponentRevision>& components,
            bool is_best,
            int64_t keep) const;

  /// Folder behind `last`, `best` or `step-N`; nothing where there is none.
  std::optional<std::filesystem::path> find(const std::string& name) const;
  /// The best one, or the last where none is the best yet.
  std::optional<std::filesystem::path> best_or_last() const;

  /// Restores everything, the default random generators included.
  /// Throws: mixwright::Error for files that are damaged, and for a checkpoint of another network
  /// (naming the first tensor that differs) or of other revisions of its components.
  static TrainState load(const std::filesystem::path& folder,
                         const Snapshot& snapshot,
                         const std::vector<ComponentRevision>& components);
  static bool is_checkpoint(const std::filesystem::path& folder);
  /// The weights of a checkpoint by name, the average where one was kept.
  static SavedWeights read_weights(const std::filesystem::path& folder);
  /// Restores the network alone.
  static TrainState load_network(const std::filesystem::path& folder,
                                 model::Network& network,
                                 const std::vector<ComponentRevision>& components,
                                 Weights weights = Weights::kAverage);

 private:
  void point(const std::string& link, int64_t step) const;
  void prune(int64_t keep) const;
  std::string what_is_left() const;  // of a save that failed, for people
  std::vector<int64_t> steps() const;

  std::filesystem::path run_;
};

}  // namespace mixwright::train
