#pragma once

#include <functional>
#include <string>
#include <vector>

#include <mixwright/key_value_memory.h>

#include "framework/data/sample_source.h"
#include "framework/model/network.h"

namespace mixwright::train {

/// A layer of a network that can be read as a memory of keys and values.
struct FoundMemory {
  std::string path;    ///< as a config counts: `stage[0].block[1].channel_mixer`
  std::string module;  ///< as tensors are named: `stages.0.blocks.1.channel_mixer`
  const Layer* layer = nullptr;
  KeyValueMemory* memory = nullptr;
};

/// All of them, outer ones first.
std::vector<FoundMemory> memories_of(const model::Network& network);

/// Where a key was triggered.
struct Trigger {
  double coefficient = 0;
  int64_t sample = 0;  ///< its index in the dataset's split
  int64_t place = 0;   ///< of the grid, counted row by row; prefix tokens are none
};

/// What a key does over a dataset.
struct KeyRecord {
  int64_t key = 0;
  std::vector<Trigger> triggers;  ///< the strongest of each of the samples where it is strongest
  double mean = 0;                ///< of its coefficient over all places
  double active_share = 0;        ///< of places where the coefficient is above 0
  double value_norm = 0;          ///< length of its value
};

/// Every key of a memory, over the samples of a source.
struct MemorySurvey {
  std::vector<KeyRecord> keys;  ///< by number
  std::vector<int64_t> grid;    ///< of places
  int64_t samples = 0;
};

struct SurveyOptions {
  int64_t top = 8;  ///< triggers that are kept of each key
  int64_t batch_size = 64;
  torch::Device device = torch::kCPU;
  std::function<void(int64_t batch, int64_t batches)> progress;
};

/// Runs the network over a source and keeps what triggers each key most. A layer that runs more
/// than once in a pass counts with the greatest coefficient. Throws: mixwright::Error where the
/// layer's coefficients or values have other shapes than KeyValueMemory promises.
MemorySurvey survey_memory(model::Network& network,
                           const FoundMemory& found,
                           const data::SampleSource& source,
                           const SurveyOptions& options);

/// The keys that matter most, by what their strongest trigger adds to the features: coefficient
/// times the length of the value. `count` of them at most; 0: all.
std::vector<int64_t> strongest_keys(const MemorySurvey& survey, int64_t count);

/// What the values of keys add to the outputs of the network: the mean over each key's triggering
/// samples of the output minus the output without the key, whose term is taken out of what the
/// layer gives. All that follows the layer takes part, residual scales and norms too. Shape: ->
/// [keys, classes]. Throws: UsageError where the network gives no row of numbers to each sample.
torch::Tensor key_effects(model::Network& network,
                          const FoundMemory& found,
                          const data::SampleSource& source,
                          const std::vector<KeyRecord>& keys,
                          const torch::Device& device);

/// The same by the head alone: head(v) - head(0), the value standing at every place of the last
/// stage's grid. Undefined where the layer stands before the last stage, has other channels than
/// the head takes, or the head looks at more than the last features. Shape: -> [keys, classes].
/// Source: Geva et al. 2022, arXiv:2203.14680, section 3.
torch::Tensor projected_values(const model::Network& network,
                               const FoundMemory& found,
                               const std::vector<KeyRecord>& keys);

}  // namespace mixwright::train
