#include "picture_cache.h"

PictureCache::PictureCache(int64_t most_bytes, int64_t places)
    : most_bytes_(most_bytes), pictures_(static_cast<size_t>(most_bytes > 0 ? places : 0)) {}

torch::Tensor PictureCache::find(int64_t place) const {
  if (most_bytes_ == 0) return {};
  const std::lock_guard<std::mutex> guard(lock_);
  return pictures_[static_cast<size_t>(place)];
}

void PictureCache::keep(int64_t place, const torch::Tensor& picture) {
  if (most_bytes_ == 0) return;
  // A part of a larger picture holds the whole of it.
  const auto size = static_cast<int64_t>(picture.storage().nbytes());
  const std::lock_guard<std::mutex> guard(lock_);
  torch::Tensor& mine = pictures_[static_cast<size_t>(place)];
  if (mine.defined() || size > most_bytes_ - bytes_) return;
  mine = picture;
  bytes_ += size;
}

int64_t PictureCache::bytes() const {
  const std::lock_guard<std::mutex> guard(lock_);
  return bytes_;
}
