#pragma once

#include <cstdint>
#include <memory>
#include <optional>
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

/// What was mixed into the samples of a batch from others. The loss of the batch is
/// (1 - share) loss(targets) + share loss(mixed.targets).
struct MIXWRIGHT_API Mixed {
  torch::Tensor targets;  ///< of the samples that were mixed in, as Batch::targets
  double share = 0;       ///< theirs, in 0 to 1
};

/// Samples of a mini-batch, first dimension the batch.
struct MIXWRIGHT_API Batch {
  torch::Tensor inputs;        ///< [batch, *grid, channels] float or bytes, or [batch, L] int64 ids
  torch::Tensor targets;       ///< what the task compares with: [batch] int64 class indices, …
  torch::Tensor indices;       ///< [batch] int64: which samples these are
  std::optional<Mixed> mixed;  ///< set by mixup and its kin
};

enum class Split { kTrain, kTest };

/// What a dataset is, known before the first sample is read.
struct MIXWRIGHT_API DatasetInfo {
  Shape input;                           ///< one sample
  int64_t classes = 0;                   ///< 0: no classes
  int64_t vocabulary = 0;                ///< 0: no token ids
  std::vector<std::string> class_names;  ///< empty, or one per class
  /// Of every channel, or one for all, for values in 0 to 1: the host makes (value - mean) / std of
  /// what `read` gives, after the transforms of samples. Empty: values stay as they are.
  std::vector<double> mean;
  std::vector<double> std;
  /// Pictures: what the shorter side of one becomes before a sample's size is cut from its centre;
  /// 0: as small as covers the sample. Makes a sample of a picture that is not the dataset's.
  int64_t resize = 0;
};

/// A source of samples.
///
/// Inputs that are bytes (uint8) mean value / 255; the host turns them into floats, after the
/// transforms, so that pictures stay small until then.
/// Thread: both reads are called from several threads at once.
class MIXWRIGHT_API Dataset {
 public:
  using Interface = Dataset;
  static constexpr const char* kKind = "dataset";
  virtual ~Dataset();
  virtual const DatasetInfo& info() const = 0;
  virtual int64_t size(Split split) const = 0;
  /// The samples `indices` of a split, in this order.
  virtual Batch read(Split split, std::span<const int64_t> indices) const = 0;
  /// The same for training, with one source of randomness per sample, which its transforms go on to
  /// draw from. For datasets that cut while they decode; the default draws nothing.
  virtual Batch read_for_training(std::span<const int64_t> indices,
                                  std::span<SampleRandom> random) const;
};

/// Augmentation of training samples: override one of the two functions.
///
/// `apply` first runs over every sample, transform after transform, then the batch is normalised,
/// then `apply_to_batch` runs, transform after transform.
/// Thread: called from several threads at once; all randomness comes from `random`.
class MIXWRIGHT_API Transform {
 public:
  using Interface = Transform;
  static constexpr const char* kKind = "transform";
  virtual ~Transform();
  /// One sample [*grid, channels], floats or bytes as the dataset gave them; same out.
  virtual torch::Tensor apply(const torch::Tensor& sample, SampleRandom& random) const;
  /// A batch as the network will see it. `random` is the batch's own.
  virtual void apply_to_batch(Batch& batch, SampleRandom& random) const;
};

}  // namespace mixwright
