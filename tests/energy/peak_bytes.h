#pragma once

#include <algorithm>
#include <functional>
#include <memory>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

namespace mixwright::energy {

/// The most tensor memory of this thread at once.
class PeakBytes final : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device) override {
    now_ += size;
    peak_ = std::max(peak_, now_);
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t peak() const { return peak_; }

 private:
  int64_t now_ = 0;
  int64_t peak_ = 0;
};

/// Of what `run` does, in bytes beyond what there is before.
inline double peak_bytes_of(const std::function<void()>& run) {
  const auto bytes = std::make_shared<PeakBytes>();
  const c10::DebugInfoGuard listening(c10::DebugInfoKind::PROFILER_STATE, bytes);
  run();
  return static_cast<double>(bytes->peak());
}

}  // namespace mixwright::energy
