#include "framework/plugin/library.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <sys/stat.h>

#include <cstdlib>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/dll/shared_library.hpp>

#include <mixwright/error.h>

#include "framework/io/input_file.h"
#include "framework/io/text.h"
#include "framework/plugin/crash.h"
#include "framework/plugin/elf_file.h"
#include "framework/plugin/runtimes.h"
#include "framework/plugin/sha256.h"

namespace mixwright::plugin {

namespace fs = std::filesystem;
namespace dll = boost::dll;

namespace {

constexpr const char* kSymbol = MIXWRIGHT_STRINGIFY(MIXWRIGHT_DESCRIPTOR);

[[noreturn]] void refuse(Library& library, const std::string& reason) {
  library.state = LibraryState::kRefused;
  library.reason = reason;
  throw UsageError(library.refusal());
}

FileIdentity identity_of(const struct stat& info) {
  return {info.st_dev,
          info.st_ino,
          static_cast<uint64_t>(info.st_size),
          int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

void read_facts(Library& library, const HostStamp& host) {
  const io::InputFile file(library.file);
  struct stat info{};
  if (::fstat(file.descriptor(), &info) == 0) library.identity = identity_of(info);
  const ElfFacts facts = read_elf(file);
  if (!facts.note) {
    throw UsageError("is no Mixwright plugin: it has no note, which MIXWRIGHT_PLUGIN writes");
  }
  library.note = parse_note(*facts.note, host.sdk_abi);
  library.oldest = oldest_runtimes(facts.versions);
  Compatibility compatibility = compare(library.note, host, library.file);
  if (!compatibility.refusal.empty()) throw UsageError(compatibility.refusal);
  library.warnings = std::move(compatibility.warnings);
  const std::string second = second_runtime_needed(facts.needed);
  if (!second.empty()) throw UsageError(second);
}

std::string demangled(const std::string& symbol) {
  int status = 0;
  char* text = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
  const std::string result = status == 0 && text != nullptr ? text : symbol;
  std::free(text);
  return result;
}

/// glibc's words, `FILE: undefined symbol: _ZN…` or `libx.so: cannot open shared object file: …`,
/// as a reason with a next step.
std::string loader_reason(std::string text, const fs::path& file) {
  const std::string own = file.string() + ": ";
  if (text.starts_with(own)) text.erase(0, own.size());
  constexpr std::string_view kSymbolWords = "undefined symbol: ";
  if (const size_t at = text.find(kSymbolWords); at != std::string::npos) {
    const size_t begin = at + kSymbolWords.size();
    const std::string symbol = text.substr(begin, text.find_first_of(", \t", begin) - begin);
    return "cannot be loaded: undefined symbol " + demangled(symbol) +
           "; link it with the library that defines it, or rebuild it with the SDK of this "
           "installation";
  }
  if (text.find("cannot open shared object file") != std::string::npos) {
    return "cannot be loaded: it needs " + text.substr(0, text.find(':')) +
           ", which the loader does not find; install it, or give the plugin a run path to it";
  }
  return "cannot be loaded: " + io::printable(text, 400);
}

/// Handles are kept until the process ends. Never destroyed: even the last static destructor of a
/// library must find its code in place.
dll::shared_library& new_handle() {
  static auto* const kHandles = new std::deque<dll::shared_library>();
  return kHandles->emplace_back();
}

/// dlopen through Boost. What a static constructor throws comes out of it, while this thread holds
/// the loader's lock: a program that goes on may load more, but from no other thread.
void open(dll::shared_library& handle, Library& library) {
  boost::dll::fs::error_code error;
  std::string thrown;
  try {
    // Boost's default is lazy binding, which would let a missing symbol surface in mid-epoch.
    handle.load(boost::dll::fs::path(library.file.string()),
                error,
                dll::load_mode::rtld_now | dll::load_mode::rtld_local);
  } catch (const c10::Error& exception) {
    thrown = ": " + first_line(exception.what_without_backtrace());
  } catch (const std::exception& exception) {
    thrown = ": " + first_line(exception.what());
  } catch (...) {
    thrown = " something that is no std::exception";
  }
  if (!thrown.empty()) {
    refuse(library,
           "cannot be loaded: one of its static constructors threw" + thrown +
               "; construct it where it is used first, in a function");
  }
  if (!error) return;
  const char* text = ::dlerror();  // Boost's own is "Bad file descriptor", whatever happened
  refuse(library, loader_reason(text == nullptr ? error.message() : text, library.file));
}

void check_descriptor(Library& library, const PluginDescriptor& descriptor) {
  const std::vector<ComponentFact>& facts = library.note.components;
  bool is_same = descriptor.abi == MIXWRIGHT_SDK_ABI && descriptor.stamp != nullptr &&
                 library.note.text == descriptor.stamp && descriptor.components != nullptr &&
                 descriptor.component_count == static_cast<int32_t>(facts.size());
  for (size_t i = 0; is_same && i < facts.size(); ++i) {
    const ComponentEntry& entry = descriptor.components[i];
    is_same = facts[i].kind == entry.kind && facts[i].name == entry.name &&
              entry.create != nullptr && entry.validate != nullptr && entry.schema != nullptr;
  }
  if (!is_same) {
    refuse(library,
           "its descriptor " + std::string(kSymbol) + " says other than its note; " +
               rebuild_command(library.file));
  }
}

}  // namespace

std::string Library::sha256() const {
  return sha256_of_file(file);
}

std::string Library::difference_from_record() const {
  if (recorded_sha256.empty()) return {};
  std::string now;
  try {
    now = sha256();
  } catch (const Error&) {  // which is why it is refused
    return {};
  }
  if (now == recorded_sha256) return {};
  return "has changed since it was installed: SHA-256 " + shortened(now) + ", recorded " +
         shortened(recorded_sha256) +
         "; install it again: mixwright plugins install LIBRARY, or remove it: mixwright plugins "
         "remove " +
         note.name;
}

Library examine(const fs::path& file, const HostStamp& host) {
  Library library;
  library.file = file;
  try {
    read_facts(library, host);
  } catch (const UsageError& error) {
    library.state = LibraryState::kRefused;
    library.reason = error.what();
  } catch (const Error& error) {  // of reading; it names the file, which a reason does not
    library.state = LibraryState::kRefused;
    library.reason = error.what();
    const std::string own = file.string() + ": ";
    if (library.reason.starts_with(own)) library.reason.erase(0, own.size());
  }
  return library;
}

void load(Library& library) {
  if (library.state == LibraryState::kLoaded) return;
  if (library.is_refused()) throw UsageError(library.refusal());
  struct stat info{};
  if (::stat(library.file.c_str(), &info) != 0 || identity_of(info) != library.identity) {
    refuse(library, "was replaced since its note was read; start again");
  }
  const std::vector<std::string> runtimes = mapped_runtimes();
  dll::shared_library& handle = new_handle();
  open(handle, library);
  if (const std::string second = second_runtime_mapped(runtimes); !second.empty()) {
    refuse(library, second);
  }
  if (!handle.has(kSymbol)) {
    refuse(library,
           "has a note but no descriptor " + std::string(kSymbol) + "; " +
               rebuild_command(library.file));
  }
  const auto& descriptor = handle.get<const PluginDescriptor>(kSymbol);
  check_descriptor(library, descriptor);
  remember_code(&descriptor, library.file);
  library.descriptor = &descriptor;
  library.state = LibraryState::kLoaded;
}

}  // namespace mixwright::plugin
