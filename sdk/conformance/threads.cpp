#include "threads.h"

#include <latch>
#include <thread>
#include <vector>

#include <c10/util/Exception.h>

#include <mixwright/error.h>

namespace mixwright::conformance {

std::string in_threads(const std::function<std::string(int thread)>& body) {
  std::vector<std::string> reasons(kThreads);
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::string& reason = reasons[static_cast<size_t>(i)];
      start.arrive_and_wait();
      try {
        reason = body(i);
      } catch (const c10::Error& error) {
        reason = first_line(error.what_without_backtrace());
      } catch (const std::exception& error) {
        reason = first_line(error.what());
      } catch (...) {
        reason = "threw something that is no std::exception";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& reason : reasons) {
    if (!reason.empty()) return reason;
  }
  return "";
}

}  // namespace mixwright::conformance
