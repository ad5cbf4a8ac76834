#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mixwright::dev {

/// Notices that files of a project were saved. It looks at names, sizes and times, which serves
/// editors that write in place as those that rename a new file over the old one, and folders that
/// lie where the kernel cannot watch.
///
/// Not looked at: hidden names, what editors leave beside a file, and folders that CMake builds in.
class SourceWatcher {
 public:
  static constexpr size_t kMostFiles = 5000;

  /// `more` are files elsewhere, such as a config. What is there now counts as seen.
  explicit SourceWatcher(std::filesystem::path folder,
                         std::vector<std::filesystem::path> more = {});

  /// To be called every few hundredths of a second. True once for each save, when nothing has
  /// changed since the call before: an editor may write in several steps.
  bool look();

  /// The files of the save that `look` told last, without their folders.
  const std::vector<std::string>& saved() const { return saved_; }
  /// Whether there are more than kMostFiles, of which the rest is not looked at.
  bool is_cut_off() const { return is_cut_off_; }

 private:
  struct State {
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;  // of the inode: a copied file may have an old time of modification
    bool operator==(const State&) const = default;
  };
  using Files = std::map<std::filesystem::path, State>;

  Files scan();
  void add(const std::filesystem::path& file, Files& files);
  void note_differences(const Files& now);

  std::filesystem::path folder_;
  std::vector<std::filesystem::path> more_;
  Files seen_;
  std::vector<std::string> changing_;
  std::vector<std::string> saved_;
  bool is_cut_off_ = false;
};

}  // namespace mixwright::dev
