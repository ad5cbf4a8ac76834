#include "framework/plugin/discovery.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <mixwright/error.h>
#include <mixwright/library_folder.h>

#include "framework/plugin/trust.h"

namespace mixwright::plugin {

namespace fs = std::filesystem;

namespace {

constexpr const char* kVariable = "MIXWRIGHT_PLUGIN_PATH";
const fs::path kPluginFolder = fs::path("mixwright") / "plugins";

/// Adds a place that the command line did not name. Nothing may depend on the current folder.
void add_place(SearchPath& result, const fs::path& folder, const char* origin) {
  if (folder.empty()) return;
  if (folder.is_absolute()) {
    result.places.push_back({folder.lexically_normal(), origin, false});
  } else {
    result.warnings.push_back(std::string(origin) + ": the folder " + folder.string() +
                              " is left out, since it depends on the current folder; give an "
                              "absolute path");
  }
}

void add_environment(SearchPath& result) {
  const char* value = std::getenv(kVariable);
  std::string_view rest = value == nullptr ? "" : value;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    add_place(result, entry, kVariable);
  }
}

/// A file's identity, so that one that two places reach is taken once.
std::optional<std::pair<dev_t, ino_t>> identity(const fs::path& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return std::nullopt;
  return std::pair(info.st_dev, info.st_ino);
}

class Scanner {
 public:
  void scan(const SearchPlace& place) {
    SearchedPlace searched{place, {}};
    std::error_code error;
    const fs::file_status status = fs::status(place.path, error);
    if (!fs::exists(status)) {
      searched.outcome = "does not exist";
    } else if (fs::is_directory(status)) {
      searched.outcome = scan_folder(place);
    } else {
      take(place, place.path);
      searched.outcome = "a library";
    }
    result_.searched.push_back(std::move(searched));
  }

  Discovery result() && { return std::move(result_); }

 private:
  std::string scan_folder(const SearchPlace& place) {
    if (const std::string reason = reason_for_distrust(place.path); !reason.empty()) {
      if (!place.named_explicitly) return "refused: " + reason;
      result_.warnings.push_back(reason + "; searched all the same, since " + place.origin +
                                 " names it");
    }
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(place.path, error), end; !error && entry != end;
         entry.increment(error)) {
      if (entry->path().extension() == ".so") files.push_back(entry->path());
    }
    if (error) return "cannot be read: " + error.message();
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) take(place, file);
    if (files.empty()) return "no library";
    return std::to_string(files.size()) + (files.size() == 1 ? " library" : " libraries");
  }

  void take(const SearchPlace& place, const fs::path& file) {
    const auto id = identity(file);
    if (id && !seen_.insert(*id).second) return;
    Candidate candidate{file, place.origin, {}};
    if (const std::string reason = reason_for_distrust(file); !reason.empty()) {
      if (!place.named_explicitly) {
        candidate.refusal = reason + ", or name it with --plugin-path";
      } else if (reason_for_distrust(file.parent_path()).empty() || file == place.path) {
        result_.warnings.push_back(reason + "; used all the same, since " + place.origin +
                                   " names it");
      }
    }
    result_.candidates.push_back(std::move(candidate));
  }

  Discovery result_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

fs::path installation_prefix() {
  static const char kHere = 0;
  return folder_of(&kHere).parent_path();
}

std::optional<fs::path> user_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && fs::path(data).is_absolute()) return data / kPluginFolder;
  const char* home = std::getenv("HOME");
  if (home != nullptr && fs::path(home).is_absolute()) {
    return home / fs::path(".local/share") / kPluginFolder;
  }
  return std::nullopt;
}

SearchPath make_search_path(const SearchOptions& options) {
  SearchPath result;
  for (const std::string& path : options.explicit_paths) {
    std::error_code error;
    if (path.empty() || !fs::exists(path, error)) {
      throw UsageError("--plugin-path \"" + path + "\": no such folder or library");
    }
    result.places.push_back({fs::absolute(path).lexically_normal(), "--plugin-path", true});
  }
  if (options.only_explicit) return result;
  for (const std::string& path : options.config_paths) {
    add_place(result, path, "[plugins] path of the config");
  }
  add_environment(result);
  if (const auto folder = user_folder()) add_place(result, *folder, "the user's folder");
  add_place(result, installation_prefix() / "lib" / kPluginFolder, "the installation");
  return result;
}

Discovery discover(const SearchPath& path) {
  Scanner scanner;
  for (const SearchPlace& place : path.places) scanner.scan(place);
  Discovery result = std::move(scanner).result();
  result.warnings.insert(result.warnings.begin(), path.warnings.begin(), path.warnings.end());
  return result;
}

}  // namespace mixwright::plugin
