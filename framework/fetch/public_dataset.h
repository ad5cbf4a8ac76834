#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <mixwright/options.h>

namespace mixwright::fetch {

/// One file of a public data set: where it comes from and what it must be.
struct RemoteFile {
  std::string url;
  std::vector<std::string> mirrors;
  std::string name;
  int64_t size = 0;
  std::string sha256;
  bool unpack = false;
  int64_t unpacked_mb = 0;

  uint64_t bytes() const { return static_cast<uint64_t>(size); }
  /// What it takes when it is unpacked, at most; 0 where it stays as it is.
  uint64_t most_unpacked_bytes() const;
};

MIXWRIGHT_OPTIONS(
    RemoteFile,
    field("url", &RemoteFile::url).required().doc("where it comes from, by http or https"),
    field("mirrors", &RemoteFile::mirrors).doc("further addresses of the very same file"),
    field("name", &RemoteFile::name).doc("its name on disk; that in the address by itself"),
    field("size", &RemoteFile::size).required().at_least(1).doc("bytes"),
    field("sha256", &RemoteFile::sha256).required().doc("64 hexadecimal digits"),
    field("unpack", &RemoteFile::unpack).doc("whether it is a tar or zip file to take apart"),
    field("unpacked_mb", &RemoteFile::unpacked_mb)
        .at_least(0)
        .at_most(10'000'000)
        .doc("the most that may come out of it, in millions of bytes; 0: ten times its size"))

/// A public data set, as a TOML file of its own tells it.
struct PublicDataset {
  std::string name;  ///< the stem of that file
  std::string path;  ///< that file
  std::string title;
  std::string homepage;
  std::string license;
  std::string use;
  std::vector<std::string> holds;
  std::vector<RemoteFile> files;

  uint64_t download_bytes() const;
  /// The lines of a config that uses it, once it lies in `folder`.
  std::string config_lines(const std::filesystem::path& folder) const;
};

MIXWRIGHT_OPTIONS(
    PublicDataset,
    field("title", &PublicDataset::title).required().doc("what it is, in a few words"),
    field("homepage", &PublicDataset::homepage).doc("its own page"),
    field("license", &PublicDataset::license).required().doc("on what terms it may be used"),
    field("use", &PublicDataset::use)
        .required()
        .doc("lines of a config that uses it; {folder} stands for where it lies"),
    field("holds", &PublicDataset::holds).doc("files that must be there in the end"),
    field("file", &PublicDataset::files).required().doc("what is downloaded"))

/// Reads such a file. Throws: UsageError with every fault and its place.
PublicDataset read_public_dataset(const std::string& path);

/// Whether a path out of a file or an archive stays below the folder that it is put into: relative,
/// without `..`, without control characters.
bool stays_below(const std::string& path);

}  // namespace mixwright::fetch
