#pragma once

#include <cstdint>

#include <torch/torch.h>

#include <mixwright/export.h>

namespace mixwright {

/// A network or part that takes weights from samples as they are, in one pass before the first
/// step: Hopfield's patterns, prototypes, a codebook. A class that does derives from this beside
/// its kind.
///
/// The host asks the network that stands as `model.network`, and gives it the first samples of the
/// training split, without augmentation. A network asks its own parts.
class MIXWRIGHT_API Stores {
 public:
  virtual ~Stores();
  /// How many samples it stores; 0: it was not told to store any.
  virtual int64_t room() const = 0;
  /// Stores `samples` [room(), *grid, C], as they come into it. Without gradients.
  virtual void store(const torch::Tensor& samples) = 0;
};

}  // namespace mixwright
