#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// The classes of a data set.
struct PictureClasses {
  std::vector<std::string> names;  ///< empty where only their count is known
  int64_t count = 0;
};

/// Picture files and the class of each, in an order that depends on nothing but their names.
struct PictureList {
  std::vector<std::string> paths;
  std::vector<int64_t> classes;  ///< as many
};

/// Lists `root`/<class>/…/*.jpg, *.jpeg, *.png: classes sorted by name, or as `classes` says, the
/// files of a class by path. Empty `classes` are filled from the folders; others must be the same
/// as the folders. Other files and names that begin with a dot are passed over.
///
/// Throws: mixwright::Error for a class without pictures, classes that differ, pictures outside of
/// the class folders or in formats that are not read.
PictureList list_class_folders(const std::filesystem::path& root, PictureClasses& classes);

/// Reads a list in a CSV file: a line for each picture, its path, relative to the list's folder,
/// and its label. A first line that names the columns `path` and `label` may come with others,
/// which are passed over; without it the columns are those two. Fields may stand in quotes, lines
/// may end in CR LF.
///
/// Labels are names of classes, or indices from 0 where all of them are integers and none is a
/// name. Empty `classes` are filled: names sorted, or a count.
///
/// Throws: mixwright::Error that begins with `file:line`.
PictureList list_csv(const std::filesystem::path& file, PictureClasses& classes);
