#include "framework/fetch/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <thread>

#include <nlohmann/json.hpp>

#include <mixwright/error.h>

#include "framework/fetch/download.h"
#include "framework/io/atomic_file.h"
#include "framework/io/text.h"
#include "framework/plugin/sha256.h"

namespace mixwright::fetch {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

constexpr const char* kMark = ".mixwright.json";
constexpr const char* kSums = ".mixwright.sha256";
constexpr size_t kSumDigits = 64;
constexpr size_t kSumGap = 2;  ///< `<sum>  <path>`

std::optional<fs::path> folder_in(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || !fs::path(value).is_absolute()) return std::nullopt;
  return value;
}

ordered_json mark_of(const PublicDataset& dataset) {
  ordered_json mark = {{"format", 1}, {"name", dataset.name}, {"files", ordered_json::array()}};
  for (const RemoteFile& file : dataset.files) {
    mark["files"].push_back({{"name", file.name},
                             {"url", file.url},
                             {"bytes", file.size},
                             {"sha256", file.sha256},
                             {"unpacked", file.unpack}});
  }
  return mark;
}

/// Whether a mark tells of the same files; addresses may have changed.
bool same_files(const ordered_json& mark, const PublicDataset& dataset) {
  const ordered_json wanted = mark_of(dataset);
  const auto files = mark.find("files");
  if (files == mark.end() || !files->is_array() || files->size() != wanted["files"].size()) {
    return false;
  }
  for (size_t i = 0; i < files->size(); ++i) {
    for (const char* key : {"name", "sha256", "unpacked"}) {
      const ordered_json& file = (*files)[i];
      if (!file.is_object() || file.value(key, ordered_json()) != wanted["files"][i][key]) {
        return false;
      }
    }
  }
  return true;
}

bool is_intact(const fs::path& file, const std::string& sum) {
  try {
    return plugin::sha256_of_file(file) == sum;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

fs::path data_root() {
  if (const auto folder = folder_in("MIXWRIGHT_DATA")) return *folder;
  const fs::path below = fs::path("mixwright") / "data";
  if (const auto cache = folder_in("XDG_CACHE_HOME")) return *cache / below;
  if (const auto home = folder_in("HOME")) return *home / ".cache" / below;
  throw UsageError(
      "there is no folder for data: set MIXWRIGHT_DATA to an absolute path, or say --to FOLDER");
}

DataFolder::DataFolder(const fs::path& root, const PublicDataset& dataset)
    : root_(fs::absolute(root).lexically_normal()),
      path_(root_ / dataset.name),
      partial_(root_ / ("." + dataset.name + ".partial")),
      dataset_(dataset) {}

DataFolder::State DataFolder::state() const {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(path_, error))) return State::kMissing;
  std::ifstream in(path_ / kMark);
  const ordered_json mark = ordered_json::parse(in, nullptr, false);
  if (!mark.is_object() || mark.value("name", ordered_json()) != dataset_.name) {
    return State::kForeign;
  }
  if (!same_files(mark, dataset_)) return State::kOutdated;
  for (const std::string& path : dataset_.holds) {
    if (!fs::exists(path_ / path, error)) return State::kOutdated;
  }
  return State::kWhole;
}

void DataFolder::sign(const fs::path& folder, const std::vector<StoredFile>& files) const {
  std::string sums;
  for (const StoredFile& file : files) {
    if (file.path == kMark || file.path == kSums) {
      throw Error(dataset_.name + ": refused: holds " + io::in_quotes(file.path) +
                  ", a name that mixwright keeps for itself");
    }
    sums += file.sha256 + "  " + file.path + "\n";
  }
  io::write_text_file_atomically(folder / kSums, sums);
  io::write_text_file_atomically(folder / kMark, mark_of(dataset_).dump(2) + "\n");
}

std::vector<std::string> DataFolder::damaged(const std::function<bool()>& stopped) const {
  std::ifstream in(path_ / kSums);
  if (!in) {
    throw Error((path_ / kSums).string() + ": cannot be read; remove " + path_.string() +
                " and fetch it again");
  }
  std::vector<std::string> paths;
  for (std::string line; std::getline(in, line);) {
    if (stopped()) throw Stopped("stopped");
    const std::string path =
        line.size() > kSumDigits + kSumGap ? line.substr(kSumDigits + kSumGap) : line;
    if (!is_intact(path_ / path, line.substr(0, kSumDigits))) paths.push_back(path);
  }
  return paths;
}

io::FileDescriptor DataFolder::lock(const std::function<bool()>& stopped,
                                    const std::function<void()>& wait) const {
  std::error_code error;
  fs::create_directories(root_, error);
  if (error) throw Error(root_.string() + ": cannot make this folder: " + error.message());
  const fs::path path = root_ / ("." + dataset_.name + ".lock");
  io::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file.is_open()) {
    throw Error(path.string() + ": cannot be opened: " + io::errno_text(errno) +
                "; another folder can be named with --to");
  }
  constexpr std::chrono::milliseconds kLook{100};
  for (bool told = false; ::flock(file.get(), LOCK_EX | LOCK_NB) != 0; told = true) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      throw Error(path.string() + ": cannot be locked: " + io::errno_text(errno));
    }
    if (!told) wait();
    if (stopped()) throw Stopped("stopped");
    std::this_thread::sleep_for(kLook);
  }
  return file;
}

}  // namespace mixwright::fetch
