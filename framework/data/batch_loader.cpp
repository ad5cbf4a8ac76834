#include "framework/data/batch_loader.h"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include <ATen/Parallel.h>

#include <mixwright/error.h>

#include "framework/data/permutation.h"

namespace mixwright::data {

namespace {

/// Keeps LibTorch's operators on this thread: a pool per worker would fight with the training
/// thread's for the cores. at::set_num_threads would change the whole process.
void use_one_thread() {
  at::init_num_threads();  // once per thread, before our own number
  if (void* function = dlsym(RTLD_DEFAULT, "omp_set_num_threads")) {
    reinterpret_cast<void (*)(int)>(function)(1);
  }
}

}  // namespace

BatchLoader::BatchLoader(SampleSource source, LoaderOptions options)
    : source_(std::move(source)), options_(options) {
  const int64_t count = source_.size();
  batches_ = options_.drop_last ? count / options_.batch_size
                                : (count + options_.batch_size - 1) / options_.batch_size;
  if (batches_ == 0) {
    throw UsageError("dataset \"" + source_.name + "\" gives no batch: " + std::to_string(count) +
                     " samples, batch_size = " + std::to_string(options_.batch_size) +
                     (options_.drop_last ? ", drop_last = true" : "") +
                     "; choose a smaller batch or more data");
  }
}

BatchLoader::~BatchLoader() {
  stop();
}

int64_t BatchLoader::samples() const {
  return options_.drop_last ? batches_ * options_.batch_size : source_.size();
}

void BatchLoader::stop() {
  {
    const std::lock_guard guard(lock_);
    stopping_ = true;
  }
  wanted_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  workers_.clear();
  ready_.clear();
  stopping_ = false;
}

void BatchLoader::start(int64_t epoch, int64_t batch, int64_t last_epoch) {
  stop();
  next_ = claimed_ = consumed_ = epoch * batches_ + batch;
  end_ = (last_epoch + 1) * batches_;
  orders_.clear();
  for (int64_t i = 0; i < options_.workers; ++i) workers_.emplace_back([this] { work(); });
}

BatchLoader::Order BatchLoader::order_of(int64_t epoch) {
  const std::lock_guard guard(lock_);
  Order& order = orders_[epoch];
  if (!order) {
    std::vector<int64_t> samples;
    if (options_.shuffle) {
      samples = epoch_order(source_.size(), options_.seed, epoch);
    } else {
      samples.resize(static_cast<size_t>(source_.size()));
      std::iota(samples.begin(), samples.end(), 0);
    }
    // From the back, where the places that are read have not been written yet.
    for (size_t i = samples.size(); i-- > 0 && options_.repeats > 1;) {
      samples[i] = samples[i / static_cast<size_t>(options_.repeats)];
    }
    order = std::make_shared<std::vector<int64_t>>(std::move(samples));
  }
  const Order result = order;
  // Two epochs overlap at most where prefetching is shorter than an epoch; older ones are done.
  orders_.erase(orders_.begin(), orders_.lower_bound(consumed_ / batches_));
  return result;
}

BatchLoader::Loaded BatchLoader::load(int64_t position) {
  Loaded loaded;
  try {
    const int64_t epoch = position / batches_;
    const Order order = order_of(epoch);
    BatchPlace where{options_.seed, epoch, position % batches_, 0, options_.repeats};
    where.first = where.batch * options_.batch_size;
    const auto begin = static_cast<size_t>(where.first);
    const size_t size = std::min(static_cast<size_t>(options_.batch_size), order->size() - begin);
    const torch::NoGradGuard no_grad;
    loaded.batch = source_.read(std::span<const int64_t>(*order).subspan(begin, size), where);
    if (options_.pin_memory) {
      loaded.batch.inputs = loaded.batch.inputs.pin_memory();
      if (loaded.batch.targets.defined()) {
        loaded.batch.targets = loaded.batch.targets.pin_memory();
      }
    }
  } catch (...) {
    loaded.error = std::current_exception();
  }
  return loaded;
}

void BatchLoader::work() {
  use_one_thread();
  std::unique_lock guard(lock_);
  while (true) {
    wanted_.wait(guard, [this] {
      return stopping_ || (claimed_ < end_ && claimed_ < consumed_ + options_.prefetch);
    });
    if (stopping_) return;
    const int64_t position = claimed_++;
    guard.unlock();
    Loaded loaded = load(position);
    guard.lock();
    ready_.emplace(position, std::move(loaded));
    loaded_.notify_one();
  }
}

std::optional<Batch> BatchLoader::next() {
  if (next_ >= end_) return std::nullopt;
  const auto begin = std::chrono::steady_clock::now();
  Loaded loaded;
  if (workers_.empty()) {
    consumed_ = next_;
    loaded = load(next_);
  } else {
    std::unique_lock guard(lock_);
    loaded_.wait(guard, [this] { return ready_.count(next_) != 0; });
    loaded = std::move(ready_.extract(next_).mapped());
    consumed_ = next_ + 1;
    guard.unlock();
    wanted_.notify_all();
  }
  ++next_;
  waited_seconds_ +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (loaded.error) std::rethrow_exception(loaded.error);
  return std::move(loaded.batch);
}

}  // namespace mixwright::data
