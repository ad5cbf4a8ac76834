#include "framework/fetch/public_dataset.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <mixwright/error.h>

#include "framework/config/toml_reader.h"
#include "framework/io/text.h"

namespace mixwright::fetch {

namespace {

constexpr std::string_view kFolderWord = "{folder}";
constexpr uint64_t kMegabyte = 1'000'000;
constexpr uint64_t kMostExpansion = 10;
constexpr size_t kSha256Digits = 64;

bool is_name(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") == std::string::npos;
}

/// `a.gz` of `https://host/a.gz?raw=1`
std::string last_part(const std::string& url) {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  return path.substr(path.rfind('/') + 1);
}

bool is_address(const std::string& url) {
  const std::string_view text = url;
  const size_t begin = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  return begin != 0 && begin < text.size() && text[begin] != '/' &&
         std::all_of(
             text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

/// A name with no folder in it, not hidden: hidden ones are ours.
bool is_plain_name(const std::string& name) {
  return stays_below(name) && name.find('/') == std::string::npos && name[0] != '.';
}

/// The place of a key, or of its table where the key is missing.
const SourceLocation& place(const ConfigValue& table, const char* key) {
  const ConfigValue* value = table.find(key);
  return value == nullptr ? table.location() : value->location();
}

void check_address(const std::string& url, const SourceLocation& where, Diagnostics& diagnostics) {
  if (url.empty() || is_address(url)) return;
  diagnostics.error(
      where, io::in_quotes(url) + ": an address that begins with https:// or http:// expected");
}

void check_file(RemoteFile& file, const ConfigValue& written, Diagnostics& diagnostics) {
  check_address(file.url, place(written, "url"), diagnostics);
  for (const std::string& mirror : file.mirrors) {
    check_address(mirror, place(written, "mirrors"), diagnostics);
  }
  if (file.name.empty()) file.name = last_part(file.url);
  if (!file.url.empty() && !is_plain_name(file.name)) {
    diagnostics.error(place(written, "name"),
                      "name " + io::in_quotes(file.name) +
                          ": the name of a file expected, without folders and no hidden one");
  }
  const bool is_sum = file.sha256.size() == kSha256Digits &&
                      file.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!file.sha256.empty() && !is_sum) {
    diagnostics.error(place(written, "sha256"),
                      "sha256 " + io::in_quotes(file.sha256) +
                          ": 64 hexadecimal digits in small letters expected");
  }
}

void check_dataset(PublicDataset& dataset, const ConfigValue& root, Diagnostics& diagnostics) {
  if (!is_name(dataset.name) || dataset.name[0] == '.') {
    diagnostics.error({dataset.path, 0, 0},
                      "the file's name becomes a folder's: small letters, digits, _, - and . only");
  }
  const ConfigValue* written = root.find("file");
  if (written == nullptr || !written->is_array()) return;
  if (dataset.files.empty()) diagnostics.error(written->location(), "there is no [[file]]");
  std::set<std::string> names;
  for (size_t i = 0; i < dataset.files.size(); ++i) {
    const ConfigValue& table = written->as_array()[i];
    check_file(dataset.files[i], table, diagnostics);
    if (!names.insert(dataset.files[i].name).second) {
      diagnostics.error(table.location(),
                        "two files are called " + io::in_quotes(dataset.files[i].name) +
                            "; give one of them a `name`");
    }
  }
  for (const std::string& path : dataset.holds) {
    if (!stays_below(path)) {
      diagnostics.error(place(root, "holds"),
                        io::in_quotes(path) + ": a path below the data set's folder expected");
    }
  }
}

}  // namespace

uint64_t RemoteFile::most_unpacked_bytes() const {
  if (!unpack) return 0;
  return unpacked_mb > 0 ? static_cast<uint64_t>(unpacked_mb) * kMegabyte
                         : kMostExpansion * bytes();
}

uint64_t PublicDataset::download_bytes() const {
  uint64_t sum = 0;
  for (const RemoteFile& file : files) sum += file.bytes();
  return sum;
}

std::string PublicDataset::config_lines(const std::filesystem::path& folder) const {
  // The word stands between quotes; TOML's escapes of the path go there.
  std::string escaped = ConfigValue(folder.string()).toml();
  escaped = escaped.substr(1, escaped.size() - 2);
  std::string lines = use;
  for (size_t at = 0; (at = lines.find(kFolderWord, at)) != std::string::npos;
       at += escaped.size()) {
    lines.replace(at, kFolderWord.size(), escaped);
  }
  return lines;
}

PublicDataset read_public_dataset(const std::string& path) {
  const ConfigValue root = config::read_toml_file(path);
  Diagnostics diagnostics;
  options::Reader reader;
  reader.diagnostics = &diagnostics;
  auto dataset = options::read_options<PublicDataset>(reader, root);
  dataset.path = path;
  dataset.name = std::filesystem::path(path).stem().string();
  check_dataset(dataset, root, diagnostics);
  diagnostics.throw_if_errors();
  return dataset;
}

bool stays_below(const std::string& path) {
  if (path.empty() || path[0] == '/') return false;
  for (const unsigned char c : path) {
    if (c < 0x20 || c == 0x7F) return false;
  }
  for (const auto& part : std::filesystem::path(path)) {
    if (part == "..") return false;
  }
  return true;
}

}  // namespace mixwright::fetch
