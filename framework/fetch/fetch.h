#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "framework/fetch/download.h"
#include "framework/fetch/public_dataset.h"

namespace mixwright::fetch {

/// How far the fetching of one data set is.
struct FetchProgress {
  std::string phase;   ///< `downloading`, `unpacking`
  uint64_t done = 0;   ///< bytes of the phase
  uint64_t total = 0;  ///< when unpacking: what it may be at most
};

struct FetchOptions {
  std::filesystem::path root;  ///< the data set gets a folder of its own in it
  std::string mirror;          ///< take every file from below this address instead
  bool keep_archive = false;   ///< beside what came out of it
  bool verify = false;         ///< look at every byte of a data set that is there already
  DownloadOptions download;    ///< its `progress` is not used
  std::function<void(const FetchProgress&)> progress = [](const FetchProgress&) {};
};

struct Fetched {
  std::filesystem::path folder;
  bool was_there = false;
  uint64_t downloaded_bytes = 0;
};

/// Brings a public data set to ROOT/NAME (see DataFolder): downloads its files, verifies them,
/// unpacks what is to be unpacked and gives the whole its name at the end, so that what stands
/// there is complete. One that is there already costs no request. A second process that fetches the
/// same one is waited for.
/// Throws: mixwright::Error, and Stopped: what has come stays in the partial folder, and the next
/// call goes on.
Fetched fetch(const PublicDataset& dataset, const FetchOptions& options);

}  // namespace mixwright::fetch
