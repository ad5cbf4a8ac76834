#include "framework/fetch/catalogue.h"

#include <algorithm>
#include <system_error>

#include <mixwright/error.h>

#include "framework/plugin/discovery.h"

namespace mixwright::fetch {

namespace fs = std::filesystem;

namespace {

constexpr const char* kEnding = ".toml";

std::vector<fs::path> files_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == kEnding) files.push_back(entry->path());
  }
  if (error) {
    throw UsageError(folder.string() + ": the public data sets cannot be listed: " +
                     error.message() + "; name a file of your own that ends in .toml");
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

fs::path catalogue_folder() {
  return plugin::installation_prefix() / "share" / "mixwright" / "datasets";
}

std::vector<PublicDataset> read_catalogue(const fs::path& folder) {
  std::vector<PublicDataset> datasets;
  for (const fs::path& file : files_of(folder)) {
    datasets.push_back(read_public_dataset(file.string()));
  }
  return datasets;
}

PublicDataset find_dataset(const fs::path& folder, const std::string& name) {
  if (name.ends_with(kEnding)) return read_public_dataset(name);
  std::vector<std::string> names;
  for (const fs::path& file : files_of(folder)) {
    if (file.stem() == name) return read_public_dataset(file.string());
    names.push_back(file.stem().string());
  }
  std::string known;
  for (const std::string& each : names) known += (known.empty() ? "" : ", ") + each;
  throw UsageError("no public data set is called \"" + name + "\"" + did_you_mean(name, names) +
                   "; there are " + known + ", or a file of your own that ends in .toml");
}

}  // namespace mixwright::fetch
