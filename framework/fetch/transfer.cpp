#include "framework/fetch/transfer.h"

#include <dlfcn.h>

#include <mixwright/error.h>

namespace mixwright::fetch {

namespace {

constexpr const char* kLibrary = "libmixwright_transfer.so";
constexpr const char* kSymbol = "mixwright_transfer";

using Entry = Transfer* (*)();

/// Found by the program's run path, as the SDK's own library is. It stays loaded.
Entry load() {
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  void* symbol = library == nullptr ? nullptr : ::dlsym(library, kSymbol);
  if (symbol != nullptr) return reinterpret_cast<Entry>(symbol);
  const char* reason = ::dlerror();
  throw Error(std::string(kLibrary) +
              ": cannot be loaded: " + (reason == nullptr ? "unknown reason" : reason) +
              "; install libcurl4 and libarchive13, or build mixwright again");
}

}  // namespace

Transfer& transfer() {
  static const Entry kEntry = load();
  return *kEntry();
}

}  // namespace mixwright::fetch
