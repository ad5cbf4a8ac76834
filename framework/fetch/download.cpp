#include "framework/fetch/download.h"

#include <algorithm>
#include <system_error>
#include <thread>

#include "framework/fetch/part_file.h"
#include "framework/fetch/transfer.h"
#include "framework/io/text.h"
#include "framework/plugin/sha256.h"

namespace mixwright::fetch {

namespace fs = std::filesystem;

namespace {

constexpr long kRangeNotSatisfiable = 416;
constexpr uint64_t kWorthwhile = uint64_t{64} * 1024;  ///< so many new bytes are no failed attempt

std::string status_text(long status) {
  switch (status) {
    case 401:
      return "HTTP 401 (needs a login)";
    case 403:
      return "HTTP 403 (forbidden)";
    case 404:
      return "HTTP 404 (not found)";
    case 410:
      return "HTTP 410 (gone)";
    case 429:
      return "HTTP 429 (too many requests)";
    case 503:
      return "HTTP 503 (service unavailable)";
    default:
      return "HTTP " + std::to_string(status);
  }
}

bool may_pass(long status) {
  return status == 408 || status == 429 || status >= 500;
}

/// One address, asked until it has sent the file or will not.
class Address {
 public:
  Address(const std::string& url, const RemoteFile& file, const DownloadOptions& options)
      : url_(url), file_(file), options_(options) {}

  /// Throws: Unfit where this address does not lead to the file; Stopped.
  void fill(PartFile& part) {
    do {
      while (!part.is_whole()) ask(part);
    } while (!is_right(part));
  }

 private:
  void ask(PartFile& part) {
    const HttpResult result = transfer().get(part.request_to(url_), part);
    if (result.stopped) throw Stopped("stopped");
    if (part.is_whole()) return;
    if (result.status == kRangeNotSatisfiable && part.size() > 0) {
      const std::string reason = "has no more than " + io::grouped(part.size()) + " bytes";
      part.start_anew();
      return fail_once(reason);
    }
    if (!result.failure.empty()) {
      if (!result.retry) throw Unfit(result.failure);
      return count_attempt(part, result.failure);
    }
    if (result.status >= 300) {
      if (!may_pass(result.status)) throw Unfit(status_text(result.status));
      return count_attempt(part, status_text(result.status));
    }
    count_attempt(
        part,
        "ends after " + io::grouped(part.size()) + " of " + io::grouped(file_.bytes()) + " bytes");
  }

  void count_attempt(const PartFile& part, const std::string& reason) {
    if (part.size() >= best_ + kWorthwhile) failures_ = 0;
    best_ = std::max(best_, part.size());
    fail_once(reason);
  }

  void fail_once(const std::string& reason) {
    if (++failures_ >= options_.attempts) {
      throw Unfit(reason + " (" + std::to_string(failures_) + " attempts)");
    }
    options_.tell(file_.name + ": " + reason + "; trying again");
    const auto until = std::chrono::steady_clock::now() + options_.pause * (1 << (failures_ - 1));
    constexpr std::chrono::milliseconds kLook{50};
    while (std::chrono::steady_clock::now() < until) {
      if (options_.stopped()) throw Stopped("stopped");
      std::this_thread::sleep_for(kLook);
    }
  }

  /// False where it is to be fetched anew.
  bool is_right(PartFile& part) {
    const std::string found = part.sha256();
    if (found == file_.sha256) return true;
    const bool pieced = part.is_pieced();
    part.start_anew();
    // Two versions of a file may have been joined; a whole one of this address may be right.
    if (pieced && !began_anew_) {
      began_anew_ = true;
      options_.tell(file_.name + ": what had come earlier does not fit; fetching it anew");
      return false;
    }
    throw Unfit("the file there has the SHA-256 " + found + ", " + file_.sha256 +
                " expected; it was deleted");
  }

  const std::string& url_;
  const RemoteFile& file_;
  const DownloadOptions& options_;
  uint64_t best_ = 0;
  int failures_ = 0;
  bool began_anew_ = false;
};

bool is_there_already(const RemoteFile& file, const fs::path& target) {
  std::error_code error;
  if (!fs::is_regular_file(fs::symlink_status(target, error))) return false;
  return fs::file_size(target, error) == file.bytes() &&
         plugin::sha256_of_file(target) == file.sha256;
}

}  // namespace

uint64_t download(const RemoteFile& file,
                  const std::vector<std::string>& urls,
                  const fs::path& target,
                  const DownloadOptions& options) {
  if (is_there_already(file, target)) return 0;
  PartFile part(file, target, options);
  std::string failures;
  for (const std::string& url : urls) {
    try {
      Address(url, file, options).fill(part);
      part.finish();
      return part.received();
    } catch (const Unfit& failure) {
      failures += (failures.empty() ? "" : "; ") + url + ": " + failure.what();
      if (&url != &urls.back()) options.tell(url + ": " + failure.what() + "; next address");
    }
  }
  throw Error("cannot fetch " + file.name + ": " + failures +
              "; another server can be named with --mirror");
}

}  // namespace mixwright::fetch
