#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace mixwright::model {

/// Multiply-accumulates of the operations that run between construction and destruction on this
/// thread.
struct OperationCounts {
  std::map<std::string, int64_t> macs;          ///< by operation: convolution, addmm, bmm, …
  std::map<std::string, int64_t> macs_by_part;  ///< by the path of the part they ran in
  std::set<std::string> uncounted;
  std::vector<at::Tensor> outputs;  ///< of all operations, kept alive
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
