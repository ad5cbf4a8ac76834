#include "memory.h"

#include <unistd.h>

#include <fstream>
#include <memory>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <mixwright/stamp.h>

namespace mixwright::conformance {

namespace {

constexpr int kCalls = 1000;
constexpr int kWarmUp = 100;
// Below the smallest leak worth the name: one number of 16 bytes for each call.
constexpr int64_t kTensorBytes = int64_t{16} * (kCalls - kWarmUp);
// The C library's own ups and downs; a leak of 5 KB for each call is seen.
constexpr int64_t kProcessBytes = int64_t{4} << 20;

/// Hears of every tensor memory that its thread takes and gives back.
class TensorBytes final : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device) override {
    bytes_ += size;
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t bytes() const { return bytes_; }

 private:
  int64_t bytes_ = 0;
};

/// Bytes of the process in memory.
int64_t process_bytes() {
  int64_t all = 0;
  int64_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

std::string growth_text(int64_t bytes, const char* what) {
  return std::string(what) + " grew by " + std::to_string(bytes) + " bytes in " +
         std::to_string(kCalls - kWarmUp) + " calls";
}

}  // namespace

std::string memory_growth(const std::function<void(int call)>& body) {
  const auto tensors = std::make_shared<TensorBytes>();
  const c10::DebugInfoGuard listening(c10::DebugInfoKind::PROFILER_STATE, tensors);
  int64_t tensors_before = 0;
  int64_t process_before = 0;
  for (int call = 0; call < kCalls; ++call) {
    if (call == kWarmUp) {
      tensors_before = tensors->bytes();
      process_before = process_bytes();
    }
    body(call);
  }
  const int64_t in_tensors = tensors->bytes() - tensors_before;
  if (in_tensors > kTensorBytes) return growth_text(in_tensors, "tensors");
  // Sanitizers keep what was freed for a while, and find leaks by themselves.
  if (stamp::kSanitizer != "none") return "";
  const int64_t in_process = process_bytes() - process_before;
  return in_process > kProcessBytes ? growth_text(in_process, "the process") : "";
}

}  // namespace mixwright::conformance
