#include "grid_sizes.h"

namespace mixwright::embeddings {

std::vector<int64_t> grid_sizes(const Shape& shape,
                                int64_t side,
                                const std::vector<int64_t>& list,
                                const std::string& name) {
  const size_t rank = shape.grid.size();
  if (list.empty()) return std::vector<int64_t>(rank, side);
  if (list.size() != rank) {
    throw Error(name + " = " + list_text(list) + " has " + std::to_string(list.size()) +
                " sizes, the grid " + list_text(shape.grid) + " has " + std::to_string(rank) +
                " dimensions; give one size for each");
  }
  return list;
}

void require_grid(const Shape& shape) {
  if (shape.prefix_tokens == 0) return;
  throw Error("the input " + shape.text() + " has " + std::to_string(shape.prefix_tokens) +
              " prefix tokens (class token), which have no place in a grid; use this embedding "
              "before they are added");
}

}  // namespace mixwright::embeddings
