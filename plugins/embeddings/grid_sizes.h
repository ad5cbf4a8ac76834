#pragma once

#include <string>
#include <vector>

#include <mixwright/embedding.h>

namespace mixwright::embeddings {

/// One size per grid dimension: `list` where it is given, else `side` in each. Throws Error where
/// the list, an option of that name, has another length than the grid has dimensions.
std::vector<int64_t> grid_sizes(const Shape& shape,
                                int64_t side,
                                const std::vector<int64_t>& list,
                                const std::string& name);

/// Throws Error where `shape` has prefix tokens, which have no place in a grid.
void require_grid(const Shape& shape);

}  // namespace mixwright::embeddings
