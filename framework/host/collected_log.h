#pragma once

#include <memory>
#include <string>
#include <vector>

#include <spdlog/spdlog.h>

namespace mixwright::host {

/// While it lives, what the framework logs is kept instead of printed: a library has no say over
/// its program's output. One at a time.
class CollectedLog {
 public:
  CollectedLog();
  CollectedLog(const CollectedLog&) = delete;
  CollectedLog& operator=(const CollectedLog&) = delete;
  ~CollectedLog();

  /// Warnings and errors, a line each.
  std::vector<std::string> warnings() const { return *warnings_; }

 private:
  std::shared_ptr<spdlog::logger> previous_;
  std::shared_ptr<std::vector<std::string>> warnings_;
};

}  // namespace mixwright::host
