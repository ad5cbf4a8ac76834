#include "framework/plugin/runtimes.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <ATen/Parallel.h>

#include "framework/io/text.h"

namespace mixwright::plugin {

namespace {

struct Family {
  std::string_view words;
  std::vector<std::string_view> prefixes;
  std::string_view advice;
};

const std::vector<Family>& families() {
  static const std::vector<Family> kFamilies = {
      {"LibTorch", {"libtorch"}, "link it with the LibTorch of this installation"},
      {"c10 library", {"libc10"}, "link it with the LibTorch of this installation"},
      {"OpenMP runtime",
       {"libgomp", "libomp", "libiomp5"},
       "build it without clang's -fopenmp and use mixwright::parallel_for, which runs on "
       "LibTorch's own threads"},
      {"Mixwright SDK", {"libmixwright_sdk"}, "link it with the SDK of this installation"},
  };
  return kFamilies;
}

std::string base_name(std::string_view path) {
  return std::string(path.substr(path.find_last_of('/') + 1));
}

const Family* family_of(std::string_view path) {
  const std::string name = base_name(path);
  for (const Family& family : families()) {
    for (const std::string_view prefix : family.prefixes) {
      if (name.starts_with(prefix)) return &family;
    }
  }
  return nullptr;
}

/// Asks the loader without loading anything.
bool is_loaded(const std::string& name) {
  void* handle = ::dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (handle != nullptr) ::dlclose(handle);
  return handle != nullptr;
}

/// LibTorch has parts that the host itself does not load, libtorch.so for one.
bool lies_beside_libtorch(const std::string& name) {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&at::get_num_threads), &info) == 0) return false;
  std::error_code error;
  return std::filesystem::exists(std::filesystem::path(info.dli_fname).parent_path() / name, error);
}

}  // namespace

std::string second_runtime_needed(const std::vector<std::string>& needed) {
  for (const std::string& name : needed) {
    const Family* family = family_of(name);
    if (family == nullptr || is_loaded(name)) continue;
    const bool is_plain = name.find('/') == std::string::npos;
    const bool is_torch =
        base_name(name).starts_with("libtorch") || base_name(name).starts_with("libc10");
    if (is_plain && is_torch && lies_beside_libtorch(name)) continue;
    return "needs " + io::printable(name) + ", which would be a second " +
           std::string(family->words) + " in this process; " + std::string(family->advice);
  }
  return {};
}

std::vector<std::string> mapped_runtimes() {
  std::vector<std::string> names;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* out) {
        if (info->dlpi_name != nullptr && family_of(info->dlpi_name) != nullptr) {
          static_cast<std::vector<std::string>*>(out)->emplace_back(info->dlpi_name);
        }
        return 0;
      },
      &names);
  std::sort(names.begin(), names.end());
  return names;
}

std::string second_runtime_mapped(const std::vector<std::string>& before) {
  for (const std::string& name : mapped_runtimes()) {
    if (std::find(before.begin(), before.end(), name) != before.end()) continue;
    const Family* family = family_of(name);
    for (const std::string& other : before) {
      const bool is_openmp = family->words.starts_with("OpenMP");
      const bool is_twin = is_openmp || base_name(name) == base_name(other);
      if (family_of(other) == family && is_twin) {
        return "brought a second " + std::string(family->words) + ", " + name + " beside " + other +
               "; " + std::string(family->advice);
      }
    }
  }
  return {};
}

}  // namespace mixwright::plugin
