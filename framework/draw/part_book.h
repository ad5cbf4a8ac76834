#pragma once

#include <map>
#include <string>

#include "framework/draw/outline.h"

namespace mixwright::draw {

/// The parts of a network by their paths, and what is said of each without looking at its inside.
class PartBook {
 public:
  PartBook(const model::Network& network, const model::Summary& summary);

  /// A leaf for the part; its name alone where there is no part of this path.
  Node node(const std::string& path) const;
  /// Whether the parts in it are worth showing: it holds mixers, blocks or embeddings.
  bool opens(const std::string& path) const;

 private:
  struct Entry {
    const Part* part = nullptr;
    int64_t parameters = 0;
    int64_t macs = 0;
  };
  std::string detail_of(const Part& part) const;

  std::map<std::string, Entry> entries_;
};

/// `56 x 56 x 64` with the sign of multiplication.
std::string times_text(const std::vector<int64_t>& sizes);
std::string shape_text(const Shape& shape);

}  // namespace mixwright::draw
