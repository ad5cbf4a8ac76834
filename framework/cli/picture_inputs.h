#pragma once

#include <string>
#include <vector>

namespace mixwright::cli {

/// An input that gives no picture, and why.
struct RefusedInput {
  std::string path;
  std::string reason;  ///< one line that begins with the path
};

/// The pictures that a command line names.
struct PictureInputs {
  std::vector<std::string> files;
  std::vector<RefusedInput> refused;
};

/// Files as they were named, folders as the .jpg, .jpeg and .png files below them, sorted. Hidden
/// files and folders are left out. A file that is named is a picture whatever its name ends in.
PictureInputs find_pictures(const std::vector<std::string>& inputs);

}  // namespace mixwright::cli
