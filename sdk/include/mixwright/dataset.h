#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/component.h>
#include <mixwright/options.h>
#include <mixwright/plugin.h>
#include <mixwright/random.h>
#include <mixwright/shape.h>

namespace mixwright {

/// Samples of a mini-batch, first dimension the batch.
struct MIXWRIGHT_API Batch {
  torch::Tensor inputs;   ///< [batch, *grid, channels] float, or [batch, L] int64 ids
  torch::Tensor targets;  ///< what the task compares with: [batch] int64 class indices, …
  torch::Tensor indices;  ///< [batch] int64: which samples these are
};

enum class Split { kTrain, kTest };

/// What a dataset is, known before the first sample is read.
struct MIXWRIGHT_API DatasetInfo {
  Shape input;                           ///< one sample
  int64_t classes = 0;                   ///< 0: no classes
  int64_t vocabulary = 0;                ///< 0: no token ids
  std::vector<std::string> class_names;  ///< empty, or one per class
};

/// A source of samples.
/// Thread: `read` is called from several threads at once.
class MIXWRIGHT_API Dataset {
 public:
  using Interface = Dataset;
  static constexpr const char* kKind = "dataset";
  virtual ~Dataset();
  virtual const DatasetInfo& info() const = 0;
  virtual int64_t size(Split split) const = 0;
  /// The samples `indices` of a split, in this order.
  virtual Batch read(Split split, std::span<const int64_t> indices) const = 0;
};

/// Augmentation of one training sample [*grid, channels].
/// Thread: `apply` is called from several threads at once; all randomness comes from `random`.
class MIXWRIGHT_API Transform {
 public:
  using Interface = Transform;
  static constexpr const char* kKind = "transform";
  virtual ~Transform();
  virtual torch::Tensor apply(const torch::Tensor& sample, SampleRandom& random) const = 0;
};

}  // namespace mixwright
