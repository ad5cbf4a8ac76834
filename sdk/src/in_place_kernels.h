#pragma once

#include <cstdint>

namespace mixwright {

/// Columns of a product that the kernel makes at once.
inline constexpr int64_t kPanelColumns = 32;

/// y <- keep y + scale a b for kPanelColumns columns of a product: a [rows, inner], b [inner,
/// kPanelColumns], each with the distance from one row to the next. Of y [rows, kPanelColumns] only
/// columns `first` to `last` are looked at and written; a `keep` of 0 does not look at them.
struct ProductPanel {
  const float* a = nullptr;
  int64_t a_row = 0;
  const float* b = nullptr;
  int64_t b_row = 0;
  float* y = nullptr;
  int64_t y_row = 0;
  int64_t rows = 0;
  int64_t inner = 0;
  int64_t first = 0;
  int64_t last = kPanelColumns;
  float keep = 0;
  float scale = 1;
};

// y <- x Phi(x), the exact GELU, of `size` numbers.
#define MIXWRIGHT_DECLARE_GELU(instruction_set)      \
  namespace instruction_set {                        \
  void gelu(const float* x, float* y, int64_t size); \
  }

MIXWRIGHT_DECLARE_GELU(baseline)
#if defined(__x86_64__)
MIXWRIGHT_DECLARE_GELU(avx2)
MIXWRIGHT_DECLARE_GELU(avx512)
namespace avx512 {
void blend_product(const ProductPanel& panel);
}
#endif

#undef MIXWRIGHT_DECLARE_GELU

}  // namespace mixwright
