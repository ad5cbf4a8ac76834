#include "framework/dev/project.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include <mixwright/error.h>
#include <mixwright/stamp.h>

#include "framework/config/loader.h"

namespace mixwright::dev {

namespace fs = std::filesystem;

namespace {

// Both are made by mixwright_add_plugin of the installed SDK.
constexpr const char* kTarget = "mixwright_plugins";
constexpr const char* kLibraries = "mixwright_plugins.txt";

bool is_on_path(const std::string& program) {
  const char* value = std::getenv("PATH");
  std::string_view rest = value == nullptr ? "" : value;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    if (::access((fs::path(entry) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

/// `clang++-19` where this program was built by clang 19; "" where it cannot be told.
std::string own_compiler() {
  const std::string_view stamp = stamp::kCompiler;
  const size_t space = stamp.find(' ');
  if (space == std::string_view::npos) return {};
  const std::string program =
      (stamp.starts_with("clang") ? "clang++-" : "g++-") + std::string(stamp.substr(space + 1));
  return is_on_path(program) ? program : std::string();
}

/// Where the sources lie that the build in `prefix` is made from; "" for an installation.
fs::path source_of_build(const fs::path& prefix) {
  constexpr std::string_view kKey = "Mixwright_SOURCE_DIR:STATIC=";
  std::ifstream cache(prefix / "CMakeCache.txt");
  for (std::string line; std::getline(cache, line);) {
    if (line.starts_with(kKey)) return line.substr(kKey.size());
  }
  return {};
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> configs_in(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".toml") files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

fs::path package_of(const fs::path& prefix) {
  return prefix / "lib" / "cmake" / "Mixwright";
}

}  // namespace

Project Project::open(const fs::path& folder, const fs::path& build, const fs::path& prefix) {
  std::error_code error;
  Project project;
  project.folder_ = fs::canonical(folder, error);
  if (error || !fs::is_regular_file(project.folder_ / "CMakeLists.txt", error)) {
    throw UsageError(folder.string() +
                     ": has no CMakeLists.txt; name the folder of a plugin's project, such as "
                     "docs/writing_a_plugin.md shows");
  }
  project.prefix_ = prefix;
  const fs::path source = source_of_build(prefix);
  if (build.empty() && !source.empty() &&
      fs::equivalent(project.folder_.parent_path(), source / "plugins", error)) {
    const std::string name = project.folder_.filename().string();
    project.build_ = prefix;
    project.target_ = "plugin_" + name;
    project.tree_library_ = prefix / "lib" / "mixwright" / "plugins" / ("lib" + name + ".so");
  } else {
    project.build_ = build.empty() ? project.folder_ / "build" : fs::absolute(build);
    project.target_ = kTarget;
  }
  return project;
}

Lane Project::configure(const fs::path& output) const {
  if (!tree_library_.empty()) return {};
  std::vector<std::string> words = {"-S", folder_.string(), "-B", build_.string()};
  std::error_code error;
  if (!fs::exists(build_ / "CMakeCache.txt", error)) {
    if (is_on_path("ninja")) words.insert(words.end(), {"-G", "Ninja"});
    const std::string compiler = std::getenv("CXX") == nullptr ? own_compiler() : std::string();
    if (!compiler.empty()) words.push_back("-DCMAKE_CXX_COMPILER=" + compiler);
  }
  if (fs::exists(package_of(prefix_), error)) {
    words.push_back("-DMixwright_DIR=" + package_of(prefix_).string());
  }
  return {{"cmake", std::move(words), output, {}}};
}

Lane Project::build(const fs::path& output) const {
  return {{"cmake", {"--build", build_.string(), "--target", target_}, output, {}}};
}

std::vector<fs::path> Project::libraries() const {
  if (!tree_library_.empty()) return {tree_library_};
  std::vector<fs::path> libraries;
  std::ifstream in(build_ / kLibraries);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) libraries.emplace_back(line);
  }
  if (libraries.empty()) {
    throw Error(folder_.string() +
                ": its build names no plugin; its CMakeLists.txt must call mixwright_add_plugin()");
  }
  return libraries;
}

std::string Project::configure_hint() const {
  std::error_code error;
  if (fs::exists(package_of(prefix_), error)) return {};
  return "this program is not installed: cmake --install " + prefix_.string() +
         " --prefix P, then P/bin/mixwright dev " + folder_.string();
}

fs::path training_config_in(const fs::path& project) {
  std::vector<fs::path> files = configs_in(project);
  const std::vector<fs::path> below = configs_in(project / "configs");
  files.insert(files.end(), below.begin(), below.end());
  for (const fs::path& file : files) {
    try {
      const ConfigValue root = config::load(file.string()).root;
      if (root.find("data") != nullptr && root.find("train") != nullptr) return file;
    } catch (const UsageError&) {  // if it is meant to be one, its training says what is wrong
      if (text_of(file).find("[data]") != std::string::npos) return file;
    }
  }
  return {};
}

}  // namespace mixwright::dev
