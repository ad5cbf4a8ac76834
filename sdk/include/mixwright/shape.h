#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <mixwright/export.h>

namespace mixwright {

/// Shape of a feature tensor `[batch, *grid, channels]` without its batch.
struct MIXWRIGHT_API Shape {
  std::vector<int64_t> grid;         ///< sizes of the grid: [L], [H, W], [D, H, W], [V, T]
  int64_t channels = 0;              ///< C
  int64_t prefix_tokens = 0;         ///< leading tokens that are no place of the grid (class token)
  std::vector<int64_t> origin_grid;  ///< the grid before flattening, where it was flattened

  int64_t rank() const { return static_cast<int64_t>(grid.size()); }
  /// N: the product of the grid, prefix tokens included.
  int64_t tokens() const;
  /// The grid without prefix tokens: `origin_grid` where it was flattened, else `grid`.
  const std::vector<int64_t>& places() const { return origin_grid.empty() ? grid : origin_grid; }
  Shape with_channels(int64_t value) const;
  Shape with_grid(std::vector<int64_t> value) const;
  /// `[14, 14, 384]`.
  std::string text() const;
  bool operator==(const Shape&) const = default;
};

/// `[14, 14]`.
MIXWRIGHT_API std::string list_text(const std::vector<int64_t>& values);

}  // namespace mixwright
