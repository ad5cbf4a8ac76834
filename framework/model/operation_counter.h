#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace mixwright::model {

/// Memory that an operation wrote, known without being kept alive.
struct WrittenMemory {
  c10::weak_intrusive_ptr<c10::StorageImpl> storage;
  std::string part;  ///< path of the part that it was written in
};

/// Multiply-accumulates of the operations that run between construction and destruction on this
/// thread.
struct OperationCounts {
  std::map<std::string, int64_t> macs;          ///< by operation: convolution, addmm, bmm, …
  std::map<std::string, int64_t> macs_by_part;  ///< by the path of the part they ran in
  std::set<std::string> uncounted;
  std::vector<WrittenMemory> written;  ///< by all operations; the same memory may stand twice
  int64_t total() const;
};

class OperationCounter {
 public:
  OperationCounter();
  ~OperationCounter();
  OperationCounter(const OperationCounter&) = delete;
  OperationCounter& operator=(const OperationCounter&) = delete;
  const OperationCounts& counts() const { return counts_; }

 private:
  OperationCounts counts_;
  uint64_t handle_ = 0;
};

}  // namespace mixwright::model
