#include "framework/fetch/fetch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include <mixwright/error.h>

#include "framework/fetch/data_folder.h"
#include "framework/fetch/unpack.h"
#include "framework/io/atomic_file.h"
#include "framework/io/file_descriptor.h"
#include "framework/io/text.h"

namespace mixwright::fetch {

namespace fs = std::filesystem;

namespace {

/// Below the partial folder: what becomes the data set.
constexpr const char* kContent = "content";
/// Below the partial folder: an older state of the data set, on its way out.
constexpr const char* kReplaced = "replaced";

/// Bytes of a file, 0 where there is none.
uint64_t bytes_of(const fs::path& file) {
  std::error_code error;
  const uintmax_t size = fs::file_size(file, error);
  return error ? 0 : static_cast<uint64_t>(size);
}

void rename_or_throw(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) {
    throw Error(from.string() + ": cannot be renamed to " + to.string() + ": " + error.message());
  }
}

/// All that was written to the file system of a folder reaches the disk.
void sync_file_system(const fs::path& folder) {
  const io::FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open() || ::syncfs(descriptor.get()) != 0) {
    throw Error(folder.string() + ": cannot be synced to the disk: " + io::errno_text(errno));
  }
}

/// Fetches one data set into its partial folder, which is locked.
class Fetcher {
 public:
  Fetcher(const PublicDataset& dataset, const FetchOptions& options, const DataFolder& folder)
      : dataset_(dataset), options_(options), folder_(folder) {}

  uint64_t run() {
    make_folder(folder_.partial());
    check_space();
    for (const RemoteFile& file : dataset_.files) bring(file);
    const fs::path content = folder_.partial() / kContent;
    fs::remove_all(content);  // of a call that was killed here
    make_folder(content);
    std::vector<StoredFile> stored;
    for (const RemoteFile& file : dataset_.files) place(file, content, stored);
    for (const std::string& path : dataset_.holds) {
      if (!fs::exists(content / path)) {
        throw Error(dataset_.name + ": " + io::in_quotes(path) +
                    " is missing in what was fetched; " + dataset_.path + " does not fit");
      }
    }
    folder_.sign(content, stored);
    sync_file_system(content);
    give_name(content);
    return downloaded_;
  }

 private:
  static void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw Error(folder.string() + ": cannot make this folder: " + error.message());
  }

  fs::path archive(const RemoteFile& file) const { return folder_.partial() / file.name; }

  /// Before anything is downloaded: what is still to come, and what comes out of it.
  void check_space() const {
    uint64_t needed = 0;
    for (const RemoteFile& file : dataset_.files) {
      const fs::path target = archive(file);
      const uint64_t there =
          std::max(bytes_of(target), bytes_of(fs::path(target.string() + ".part")));
      needed += file.bytes() - std::min(file.bytes(), there) + file.most_unpacked_bytes();
    }
    std::error_code error;
    const fs::space_info space = fs::space(folder_.partial(), error);
    if (!error && space.available < needed) {
      throw Error(folder_.path().string() + ": " + io::grouped(needed) + " bytes needed, " +
                  io::grouped(space.available) +
                  " free; make room, or name another folder with --to");
    }
  }

  std::vector<std::string> addresses(const RemoteFile& file) const {
    if (!options_.mirror.empty()) {
      const bool slash = options_.mirror.ends_with('/');
      return {options_.mirror + (slash ? "" : "/") + file.name};
    }
    std::vector<std::string> urls = {file.url};
    urls.insert(urls.end(), file.mirrors.begin(), file.mirrors.end());
    return urls;
  }

  void bring(const RemoteFile& file) {
    DownloadOptions download = options_.download;
    const uint64_t total = dataset_.download_bytes();
    download.progress = [&](uint64_t bytes) {
      options_.progress({"downloading", before_ + bytes, total});
    };
    downloaded_ += fetch::download(file, addresses(file), archive(file), download);
    before_ += file.bytes();
  }

  void place(const RemoteFile& file, const fs::path& content, std::vector<StoredFile>& stored) {
    if (file.unpack) {
      UnpackOptions unpacking;
      unpacking.most_bytes = file.most_unpacked_bytes();
      unpacking.stopped = options_.download.stopped;
      unpacking.progress = [&](uint64_t bytes) {
        options_.progress({"unpacking", bytes, unpacking.most_bytes});
      };
      for (StoredFile& each : unpack(archive(file), content, unpacking)) {
        stored.push_back(std::move(each));
      }
      if (!options_.keep_archive) return;
    }
    std::error_code error;
    fs::create_hard_link(archive(file), content / file.name, error);
    // Some file systems have no hard links. The file then has to come anew where this call is
    // killed before it ends.
    if (error) rename_or_throw(archive(file), content / file.name);
    stored.push_back({file.name, file.bytes(), file.sha256});
  }

  void give_name(const fs::path& content) {
    if (folder_.state() != DataFolder::State::kMissing) {
      const fs::path replaced = folder_.partial() / kReplaced;
      fs::remove_all(replaced);
      rename_or_throw(folder_.path(), replaced);
    }
    rename_or_throw(content, folder_.path());
    io::sync_folder(folder_.path().parent_path());
    std::error_code ignored;
    fs::remove_all(folder_.partial(), ignored);
  }

  const PublicDataset& dataset_;
  const FetchOptions& options_;
  const DataFolder& folder_;
  uint64_t before_ = 0;
  uint64_t downloaded_ = 0;
};

void verify(const PublicDataset& dataset, const DataFolder& folder, const FetchOptions& options) {
  const std::vector<std::string> damaged = folder.damaged(options.download.stopped);
  if (damaged.empty()) return;
  throw Error(folder.path().string() + ": " + std::to_string(damaged.size()) +
              (damaged.size() == 1 ? " file is" : " files are") +
              " damaged or missing, the first is " + io::in_quotes(damaged.front()) +
              "; remove the folder and fetch " + dataset.name + " again");
}

}  // namespace

Fetched fetch(const PublicDataset& dataset, const FetchOptions& options) {
  using State = DataFolder::State;
  const DataFolder folder(options.root, dataset);
  Fetched result;
  result.folder = folder.path();
  result.was_there = folder.state() == State::kWhole;
  if (!result.was_there) {
    const io::FileDescriptor lock = folder.lock(options.download.stopped, [&] {
      options.download.tell(dataset.name + ": another process is fetching it; waiting");
    });
    const State state = folder.state();
    if (state == State::kForeign) {
      throw Error(folder.path().string() +
                  ": is there already and was not fetched by mixwright; remove it, or name another "
                  "folder with --to");
    }
    if (state == State::kWhole) {
      result.was_there = true;
    } else {
      result.downloaded_bytes = Fetcher(dataset, options, folder).run();
    }
  }
  if (options.verify && result.was_there) verify(dataset, folder, options);
  return result;
}

}  // namespace mixwright::fetch
