#include <functional>
#include <numeric>

#include <mixwright/shape.h>

namespace mixwright {

int64_t Shape::tokens() const {
  return std::accumulate(grid.begin(), grid.end(), int64_t{1}, std::multiplies<>());
}

Shape Shape::with_channels(int64_t value) const {
  Shape copy = *this;
  copy.channels = value;
  return copy;
}

Shape Shape::with_grid(std::vector<int64_t> value) const {
  Shape copy = *this;
  copy.grid = std::move(value);
  return copy;
}

std::string list_text(const std::vector<int64_t>& values) {
  std::string result = "[";
  for (const int64_t value : values) {
    result += (result.size() > 1 ? ", " : "") + std::to_string(value);
  }
  return result + "]";
}

std::string Shape::text() const {
  std::vector<int64_t> sizes = grid;
  sizes.push_back(channels);
  return list_text(sizes);
}

}  // namespace mixwright
