#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "framework/data/sample_source.h"

namespace mixwright::data {

struct LoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;
  bool drop_last = false;
  int64_t repeats = 1;   ///< the order names a sample this often in a row; an epoch stays as long
  int64_t workers = 0;   ///< 0: `next` reads the batch itself
  int64_t prefetch = 4;  ///< batches that wait at most
  uint64_t seed = 0;
  bool pin_memory = false;  ///< page-locked, for copies to a GPU
};

/// Batches of epoch after epoch, read ahead by threads.
///
/// Batch b of epoch e is a function of (source, seed, e, b): neither workers nor prefetching nor
/// where the loader was started changes it, so a resumed training skips to its place without
/// reading what came before.
///
/// Thread: `start` and `next` belong to one thread. Errors of workers surface in `next`.
class BatchLoader {
 public:
  /// Throws: UsageError where no batch would come of it.
  BatchLoader(SampleSource source, LoaderOptions options);
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;
  ~BatchLoader();

  /// Batches of one epoch.
  int64_t batches() const { return batches_; }
  /// Samples of one epoch.
  int64_t samples() const;

  /// Goes to batch `batch` of `epoch`; `next` ends after the last batch of epoch `last_epoch`.
  void start(int64_t epoch, int64_t batch, int64_t last_epoch);
  /// The next batch, over the ends of epochs; nothing after the last one.
  std::optional<Batch> next();

  /// Seconds that `next` has spent waiting for workers, or reading.
  double waited_seconds() const { return waited_seconds_; }

 private:
  struct Loaded {
    Batch batch;
    std::exception_ptr error;
  };
  using Order = std::shared_ptr<const std::vector<int64_t>>;

  Order order_of(int64_t epoch);
  Loaded load(int64_t position);
  void work();
  void stop();

  SampleSource source_;
  LoaderOptions options_;
  int64_t batches_ = 0;

  // Positions count batches over all epochs.
  int64_t next_ = 0;  // what `next` gives next
  int64_t end_ = 0;
  double waited_seconds_ = 0;

  std::mutex lock_;  // guards what follows
  std::condition_variable loaded_;
  std::condition_variable wanted_;
  std::map<int64_t, Loaded> ready_;
  std::map<int64_t, Order> orders_;  // of the epochs in work
  int64_t claimed_ = 0;              // the next position for a worker
  int64_t consumed_ = 0;             // equal to next_, under the lock
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace mixwright::data
