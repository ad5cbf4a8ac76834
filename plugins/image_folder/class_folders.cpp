#include <algorithm>
#include <array>
#include <map>

#include <mixwright/error.h>

#include "picture_list.h"

namespace {

namespace fs = std::filesystem;
using mixwright::Error;

std::string lower_extension(const fs::path& path) {
  std::string text = path.extension().string();
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return text;
}

bool is_picture(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

/// Left out without a word they would be missing from the results.
bool is_unread_picture(const fs::path& path) {
  constexpr std::array kOthers = {
      ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".heic", ".avif", ".jp2", ".jxl"};
  const std::string extension = lower_extension(path);
  return std::any_of(
      kOthers.begin(), kOthers.end(), [&](const char* other) { return extension == other; });
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

/// Whether `file` is a picture that is read.
bool wanted(const fs::path& file) {
  if (is_hidden(file)) return false;
  if (is_unread_picture(file)) {
    throw Error(file.string() +
                ": pictures of this format are not read; convert it to JPEG or "
                "PNG, or take it out of the folder");
  }
  return is_picture(file);
}

/// The pictures below the folder of a class, sorted.
std::vector<std::string> pictures_below(const fs::path& folder) {
  std::vector<std::string> found;
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::end(it); ++it) {
    if (it->is_directory()) {
      if (is_hidden(it->path())) it.disable_recursion_pending();
    } else if (wanted(it->path())) {
      found.push_back(it->path().string());
    }
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) {
    throw Error(folder.string() +
                ": no picture in this class folder; files ending in .jpg, .jpeg or .png expected");
  }
  return found;
}

/// Folders of classes by name, sorted.
std::map<std::string, fs::path> class_folders_in(const fs::path& root) {
  std::map<std::string, fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(root)) {
    if (entry.is_directory()) {
      if (!is_hidden(entry.path())) folders[entry.path().filename().string()] = entry.path();
    } else if (wanted(entry.path())) {
      throw Error(entry.path().string() +
                  ": a picture outside of the class folders; move it into the folder of its class");
    }
  }
  if (folders.empty()) {
    throw Error(root.string() + ": no class folders; " + root.string() +
                "/<class>/*.jpg or *.png expected");
  }
  return folders;
}

void check_same(const fs::path& root,
                const std::map<std::string, fs::path>& folders,
                const PictureClasses& classes) {
  for (const auto& [name, folder] : folders) {
    if (std::find(classes.names.begin(), classes.names.end(), name) == classes.names.end()) {
      throw Error(folder.string() + ": \"" + name + "\" is none of the " +
                  std::to_string(classes.count) + " classes" +
                  mixwright::did_you_mean(name, classes.names));
    }
  }
  for (const std::string& name : classes.names) {
    if (folders.count(name) == 0) {
      throw Error(root.string() + ": no folder for class \"" + name +
                  "\"; a folder for each of the " + std::to_string(classes.count) +
                  " classes expected");
    }
  }
}

}  // namespace

PictureList list_class_folders(const std::filesystem::path& root, PictureClasses& classes) {
  try {
    const std::map<std::string, fs::path> folders = class_folders_in(root);
    if (classes.count == 0) {
      for (const auto& [name, folder] : folders) classes.names.push_back(name);
      classes.count = static_cast<int64_t>(classes.names.size());
    }
    if (classes.names.empty()) {
      throw Error(root.string() + ": class folders beside a list whose labels are numbers; give " +
                  std::to_string(classes.count) + " class_names, or lists for both splits");
    }
    check_same(root, folders, classes);
    PictureList list;
    for (size_t c = 0; c < classes.names.size(); ++c) {
      std::vector<std::string> found = pictures_below(folders.at(classes.names[c]));
      list.classes.resize(list.classes.size() + found.size(), static_cast<int64_t>(c));
      std::move(found.begin(), found.end(), std::back_inserter(list.paths));
    }
    return list;
  } catch (const fs::filesystem_error& error) {
    throw Error(error.path1().string() + ": cannot be listed: " + error.code().message());
  }
}
