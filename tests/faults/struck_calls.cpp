#include "tests/faults/struck_calls.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdarg>

namespace mixwright::test {

thread_local Plan* plan = nullptr;

}  // namespace mixwright::test

namespace {

using mixwright::test::plan;
using mixwright::test::Strike;

/// Notes a call and tells what shall happen to it.
Strike note(const char* name) {
  if (plan == nullptr) return Strike::kNone;
  plan->log.emplace_back(name);
  if (!plan->only.empty() && plan->only != name) return Strike::kNone;
  ++plan->calls;
  const bool hit = plan->calls == plan->at || (plan->persistent && plan->calls > plan->at);
  if (plan->strike == Strike::kNone || !hit) return Strike::kNone;
  plan->struck = true;
  if (plan->strike == Strike::kKill) ::raise(SIGKILL);
  if (plan->strike == Strike::kFail) errno = plan->error;
  return plan->strike;
}

template <typename Function>
Function next_function(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

#define MIXWRIGHT_REPLACES extern "C" __attribute__((visibility("default")))

MIXWRIGHT_REPLACES int open(const char* path, int flags, ...) {
  static const auto next = next_function<int (*)(const char*, int, mode_t)>("open");
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  return note("open") == Strike::kFail ? -1 : next(path, flags, mode);
}

MIXWRIGHT_REPLACES ssize_t write(int descriptor, const void* data, size_t size) {
  static const auto next = next_function<ssize_t (*)(int, const void*, size_t)>("write");
  const Strike strike = note("write");
  if (strike == Strike::kFail) return -1;
  return next(descriptor, data, strike == Strike::kShort ? (size + 1) / 2 : size);
}

MIXWRIGHT_REPLACES int fsync(int descriptor) {
  static const auto next = next_function<int (*)(int)>("fsync");
  struct stat info{};
  const bool is_folder = ::fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode);
  return note(is_folder ? "fsync folder" : "fsync file") == Strike::kFail ? -1 : next(descriptor);
}

MIXWRIGHT_REPLACES int rename(const char* from, const char* to) noexcept {
  static const auto next = next_function<int (*)(const char*, const char*)>("rename");
  return note("rename") == Strike::kFail ? -1 : next(from, to);
}

MIXWRIGHT_REPLACES int close(int descriptor) {
  static const auto next = next_function<int (*)(int)>("close");
  const Strike strike = note("close");
  const int result = next(descriptor);  // a close that fails has closed all the same
  if (strike != Strike::kFail) return result;
  errno = plan->error;
  return -1;
}

MIXWRIGHT_REPLACES int symlink(const char* target, const char* link) noexcept {
  static const auto next = next_function<int (*)(const char*, const char*)>("symlink");
  return note("symlink") == Strike::kFail ? -1 : next(target, link);
}

MIXWRIGHT_REPLACES int mkdir(const char* path, mode_t mode) noexcept {
  static const auto next = next_function<int (*)(const char*, mode_t)>("mkdir");
  return note("mkdir") == Strike::kFail ? -1 : next(path, mode);
}

MIXWRIGHT_REPLACES int unlinkat(int folder, const char* path, int flags) noexcept {
  static const auto next = next_function<int (*)(int, const char*, int)>("unlinkat");
  return note("unlinkat") == Strike::kFail ? -1 : next(folder, path, flags);
}
