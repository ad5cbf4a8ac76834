#include "framework/plugin/crash.h"

#include <dlfcn.h>
#include <link.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is POSIX
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <mixwright/stamp.h>

namespace mixwright::plugin {

namespace {

/// Where one library's code lies. Written before `kCount` grows and never changed, so that a signal
/// handler may read it.
struct CodeRange {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  const char* file = nullptr;
};

std::array<CodeRange, 256> ranges;
std::atomic<size_t> range_count = 0;

const char* file_of(uintptr_t address) {
  const size_t count = range_count.load(std::memory_order_acquire);
  for (size_t i = 0; i < count; ++i) {
    if (address >= ranges[i].begin && address < ranges[i].end) return ranges[i].file;
  }
  return nullptr;
}

void write_error(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

const char* signal_words(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "bad memory access";
    case SIGBUS:
      return "access to memory that is no longer there";
    case SIGFPE:
      return "arithmetic error";
    case SIGILL:
      return "illegal instruction";
    default:
      return "abort";
  }
}

_Unwind_Reason_Code find_plugin(_Unwind_Context* context, void* found) {
  const char* file = file_of(_Unwind_GetIP(context));
  if (file == nullptr) return _URC_NO_REASON;
  *static_cast<const char**>(found) = file;
  return _URC_END_OF_STACK;
}

/// Only calls that are safe in a signal handler; the unwinder was run once before, so that it
/// allocates nothing here.
void on_crash(int signal) {
  const char* file = nullptr;
  _Unwind_Backtrace(&find_plugin, static_cast<void*>(&file));
  write_error("mixwright: crashed: ");
  write_error(signal_words(signal));
  if (file != nullptr) {
    write_error(" in or below plugin ");
    write_error(file);
    write_error("; report it to the plugin's author, or test it: mixwright plugins check ");
    write_error(file);
  } else {
    write_error(", no plugin's code on the stack");
  }
  write_error("\n");
  ::raise(signal);  // its default action is back in place and ends the process
}

struct FindRange {
  uintptr_t address;
  CodeRange found;
};

int look_for_range(dl_phdr_info* info, size_t, void* data) {
  auto& search = *static_cast<FindRange*>(data);
  uintptr_t begin = UINTPTR_MAX;
  uintptr_t end = 0;
  for (size_t i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    begin = std::min<uintptr_t>(begin, info->dlpi_addr + segment.p_vaddr);
    end = std::max<uintptr_t>(end, info->dlpi_addr + segment.p_vaddr + segment.p_memsz);
  }
  if (search.address < begin || search.address >= end) return 0;
  search.found = {begin, end, nullptr};
  return 1;
}

}  // namespace

void remember_code(const void* address, const std::filesystem::path& file) {
  FindRange search{reinterpret_cast<uintptr_t>(address), {}};
  ::dl_iterate_phdr(&look_for_range, &search);
  const size_t index = range_count.load();
  const bool is_known = file_of(search.address) != nullptr;
  if (search.found.end == 0 || is_known || index >= ranges.size()) return;
  search.found.file = ::strdup(file.c_str());  // kept as long as the library: for ever
  ranges[index] = search.found;
  range_count.store(index + 1, std::memory_order_release);
}

void report_crashes() {
  if (stamp::kSanitizer != "none") return;
  const char* ignored = nullptr;
  _Unwind_Backtrace(&find_plugin, static_cast<void*>(&ignored));

  // A stack of its own, or an endless recursion would leave no room for the handler.
  constexpr size_t kStackBytes = size_t{64} << 10;
  static char* const kStack = new char[kStackBytes];
  stack_t stack{};
  stack.ss_sp = kStack;
  stack.ss_size = kStackBytes;
  ::sigaltstack(&stack, nullptr);

  struct sigaction action{};
  action.sa_handler = &on_crash;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace mixwright::plugin
