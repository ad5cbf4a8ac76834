#include "framework/cli/picture_inputs.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace mixwright::cli {

namespace fs = std::filesystem;

namespace {

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

bool ends_as_picture(const fs::path& path) {
  constexpr std::array<std::string_view, 3> kEndings = {".jpg", ".jpeg", ".png"};
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

/// Collects the pictures of a folder; folders that cannot be opened are refused, the rest is read.
class FolderWalk {
 public:
  explicit FolderWalk(PictureInputs& inputs) : inputs_(inputs) {}

  void walk(const std::string& folder) {
    const size_t first = inputs_.files.size();
    const size_t refused = inputs_.refused.size();
    descend(folder);
    std::sort(inputs_.files.begin() + static_cast<std::ptrdiff_t>(first), inputs_.files.end());
    if (inputs_.files.size() > first || inputs_.refused.size() > refused) return;
    refuse(folder, "no picture in this folder; files ending in .jpg, .jpeg or .png expected");
  }

 private:
  void refuse(const std::string& path, const std::string& reason) {
    inputs_.refused.push_back({path, path + ": " + reason});
  }

  // A link to a folder is not followed: it may lead back.
  void descend(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      const fs::path& path = it->path();
      std::error_code ignored;
      if (is_hidden(path)) continue;
      if (it->is_directory(ignored)) {
        if (!it->is_symlink(ignored)) descend(path);
      } else if (ends_as_picture(path)) {
        inputs_.files.push_back(path.string());
      }
    }
    if (error) refuse(folder.string(), "cannot be read (" + error.message() + ")");
  }

  PictureInputs& inputs_;
};

}  // namespace

PictureInputs find_pictures(const std::vector<std::string>& inputs) {
  PictureInputs found;
  FolderWalk folders(found);
  for (const std::string& input : inputs) {
    std::error_code ignored;
    if (fs::is_directory(input, ignored)) {
      folders.walk(input);
    } else {
      found.files.push_back(input);
    }
  }
  return found;
}

}  // namespace mixwright::cli
