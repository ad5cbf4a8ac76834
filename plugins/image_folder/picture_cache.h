#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include <torch/torch.h>

/// Pictures kept in memory until a number of bytes is reached; what came first stays. Dropping old
/// ones would help nothing: every epoch asks for all pictures once.
///
/// Thread: all functions may be called from several threads at once.
class PictureCache {
 public:
  PictureCache(int64_t most_bytes, int64_t places);
  /// What was kept for this place; undefined where nothing was. It is shared: do not write to it.
  torch::Tensor find(int64_t place) const;
  /// Keeps a picture where there is room.
  void keep(int64_t place, const torch::Tensor& picture);
  int64_t bytes() const;

 private:
  const int64_t most_bytes_;
  mutable std::mutex lock_;  // guards what follows
  std::vector<torch::Tensor> pictures_;
  int64_t bytes_ = 0;
};
