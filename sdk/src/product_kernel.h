// A panel of a product with AVX-512: included by the one file that is compiled for it, which sets
// the namespace. No include guard, nothing but raw pointers: what is compiled for one processor
// must never be linked in the place of another's.

#include <cstdint>
#include <cstring>
#include <utility>

namespace mixwright::MIXWRIGHT_INSTRUCTION_SET {
namespace {

using Lanes = float __attribute__((vector_size(64)));  // one register
constexpr int64_t kLanes = 16;
constexpr int kTileRows = 12;  // whose sums, two registers each, leave eight for what is multiplied

// Not returned: how a register of 64 bytes is returned depends on the instruction set.
inline void load(const float* from, Lanes& value) {
  std::memcpy(&value, from, sizeof(value));
}

/// Blends one row of sums, the left half and the right one, into y.
inline void blend(const ProductPanel& p, float* y, const Lanes& left, const Lanes& right) {
  if (p.first == 0 && p.last == kPanelColumns) {
    Lanes out_left = left * p.scale;
    Lanes out_right = right * p.scale;
    if (p.keep != 0) {
      Lanes old_left;
      Lanes old_right;
      load(y, old_left);
      load(y + kLanes, old_right);
      out_left += old_left * p.keep;
      out_right += old_right * p.keep;
    }
    std::memcpy(y, &out_left, sizeof(Lanes));
    std::memcpy(y + kLanes, &out_right, sizeof(Lanes));
    return;
  }
  float sums[2 * kLanes];
  std::memcpy(sums, &left, sizeof(Lanes));
  std::memcpy(sums + kLanes, &right, sizeof(Lanes));
  for (int64_t j = p.first; j < p.last; ++j) {
    y[j] = (p.keep != 0 ? y[j] * p.keep : 0.0F) + sums[j] * p.scale;
  }
}

/// Rows of sums that stay in registers: every index is a constant, which no loop promises.
template <int... kRow>
void tile_of_rows(const ProductPanel& p, int64_t row, std::integer_sequence<int, kRow...>) {
  Lanes left[] = {(static_cast<void>(kRow), Lanes{})...};
  Lanes right[] = {(static_cast<void>(kRow), Lanes{})...};
  const float* a = p.a + row * p.a_row;
  const float* b = p.b;
  for (int64_t k = 0; k < p.inner; ++k, b += p.b_row) {
    Lanes b_left;
    Lanes b_right;
    load(b, b_left);
    load(b + kLanes, b_right);
    ((left[kRow] += b_left * a[kRow * p.a_row + k], right[kRow] += b_right * a[kRow * p.a_row + k]),
     ...);
  }
  (blend(p, p.y + (row + kRow) * p.y_row, left[kRow], right[kRow]), ...);
}

/// kRows rows from `row` on.
template <int kRows>
void tile(const ProductPanel& p, int64_t row) {
  tile_of_rows(p, row, std::make_integer_sequence<int, kRows>());
}

/// The rows that are left, fewer than a tile has.
template <int kRows>
void rest(const ProductPanel& p, int64_t row) {
  if constexpr (kRows > 0) {
    if (p.rows - row == kRows) {
      tile<kRows>(p, row);
    } else {
      rest<kRows - 1>(p, row);
    }
  }
}

}  // namespace

void blend_product(const ProductPanel& p) {
  int64_t row = 0;
  for (; row + kTileRows <= p.rows; row += kTileRows) {
    tile<kTileRows>(p, row);
  }
  rest<kTileRows - 1>(p, row);
}

}  // namespace mixwright::MIXWRIGHT_INSTRUCTION_SET
