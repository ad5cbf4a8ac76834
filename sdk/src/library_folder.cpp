#include <dlfcn.h>
#include <link.h>

#include <mixwright/error.h>
#include <mixwright/library_folder.h>

namespace mixwright {

namespace fs = std::filesystem;

fs::path folder_of(const void* address) {
  Dl_info info{};
  void* found = nullptr;
  if (::dladdr1(address, &info, &found, RTLD_DL_LINKMAP) == 0 || found == nullptr) {
    throw Error("folder_of: the address lies in no library of this process");
  }
  const std::string name = static_cast<const link_map*>(found)->l_name;
  // The program's own name is "", and what dladdr says instead is what it was called by.
  const fs::path file = name.empty() ? fs::path("/proc/self/exe") : fs::path(name);
  std::error_code error;
  const fs::path resolved = fs::canonical(file, error);
  if (error) throw Error("folder_of: " + file.string() + ": " + error.message());
  return resolved.parent_path();
}

}  // namespace mixwright
