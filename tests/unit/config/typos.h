#pragma once

#include <string>
#include <vector>

namespace mixwright::config {

/// A file of the vocabulary with one word misspelled.
struct Typo {
  std::string name;  ///< of the vocabulary's file
  std::string text;  ///< the whole file
  int line = 0;      ///< where the word stands
  int column = 0;
  std::string right;  ///< the word as it was
  std::string wrong;
};

/// Misspells every key and every component's name of the vocabulary, one at a time, the same way
/// each time. Words of less than four letters are left alone.
std::vector<Typo> all_typos();

/// Forty of them, spread over the files.
std::vector<Typo> forty_typos();

std::string read_text(const std::string& path);

}  // namespace mixwright::config
