#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "framework/fetch/public_dataset.h"
#include "framework/fetch/unpack.h"
#include "framework/io/file_descriptor.h"

namespace mixwright::fetch {

/// Where fetched data sets lie: $MIXWRIGHT_DATA, else $XDG_CACHE_HOME/mixwright/data, else
/// ~/.cache/mixwright/data.
/// Throws: UsageError where none of them is set to an absolute path.
std::filesystem::path data_root();

/// The place of one data set below such a root.
///
///   NAME/                      the data, whole or not there
///   NAME/.mixwright.json       what was fetched: addresses, sizes, checksums
///   NAME/.mixwright.sha256     checksums of all files, as sha256sum reads them
///   .NAME.partial/             what has come so far
///   .NAME.lock                 locked by the process that fetches
class DataFolder {
 public:
  DataFolder(const std::filesystem::path& root, const PublicDataset& dataset);

  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& partial() const { return partial_; }

  enum class State { kMissing, kWhole, kOutdated, kForeign };
  /// Outdated: fetched when other checksums were asked for. Foreign: not ours, to be left alone.
  State state() const;

  /// Writes both files into `folder`, which is about to get the name.
  void sign(const std::filesystem::path& folder, const std::vector<StoredFile>& files) const;

  /// Compares all files with their checksums. Gives the paths of those that differ or are missing.
  /// Throws: mixwright::Error where the list of checksums cannot be read; Stopped.
  std::vector<std::string> damaged(const std::function<bool()>& stopped) const;

  /// Waits until no other process fetches this data set; the lock lives as long as what it gives.
  /// `wait` is called once where it has to wait.
  /// Throws: mixwright::Error where the root cannot be written; Stopped.
  io::FileDescriptor lock(const std::function<bool()>& stopped,
                          const std::function<void()>& wait) const;

 private:
  std::filesystem::path root_;
  std::filesystem::path path_;
  std::filesystem::path partial_;
  const PublicDataset& dataset_;
};

}  // namespace mixwright::fetch
