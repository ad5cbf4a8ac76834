#include <algorithm>
#include <cstring>

#include <mixwright/inference.h>
#include <mixwright/parallel.h>

namespace mixwright {

namespace {

using Four = float __attribute__((vector_size(16)));

constexpr int64_t kRows = 64;     // of the matrix that a thread takes at once
constexpr int64_t kColumns = 16;  // of them at once: one cache line of each row

Four load(const float* from) {
  Four value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

void store(float* to, Four value, const float* plus) {
  if (plus != nullptr) value += load(plus);
  std::memcpy(to, &value, sizeof(value));
}

/// Four rows of `from` become four columns of `to`, onto which `plus` is added.
void transpose_four(
    const float* from, int64_t from_row, float* to, int64_t to_row, const float* plus) {
  const Four a = load(from);
  const Four b = load(from + from_row);
  const Four c = load(from + 2 * from_row);
  const Four d = load(from + 3 * from_row);
  const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const auto row_of_plus = [&](int64_t i) { return plus == nullptr ? nullptr : plus + i * to_row; };
  store(to, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5), row_of_plus(0));
  store(to + to_row, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7), row_of_plus(1));
  store(to + 2 * to_row, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5), row_of_plus(2));
  store(to + 3 * to_row, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7), row_of_plus(3));
}

/// One matrix [rows, columns] that becomes [columns, rows].
struct Matrix {
  const float* from;
  float* to;
  const float* plus;  // null: nothing is added
  int64_t rows;
  int64_t columns;
};

/// Rows `row` to `row_end` of columns `column` to `column_end`, each smaller than four.
void transpose_rest(
    const Matrix& m, int64_t row, int64_t row_end, int64_t column, int64_t column_end) {
  for (int64_t i = row; i < row_end; ++i) {
    for (int64_t j = column; j < column_end; ++j) {
      const int64_t place = j * m.rows + i;
      m.to[place] = m.from[i * m.columns + j] + (m.plus ? m.plus[place] : 0.0F);
    }
  }
}

/// Whole lines are written before the next are begun: rows of the result may lie a power of two
/// apart, where few lines at a time fit into the first cache.
void transpose_block(const Matrix& m, int64_t row, int64_t row_end) {
  for (int64_t column = 0; column < m.columns; column += kColumns) {
    const int64_t column_end = std::min(column + kColumns, m.columns);
    for (int64_t j = column; j < column_end; j += 4) {
      for (int64_t i = row; i < row_end; i += 4) {
        if (i + 4 > row_end || j + 4 > column_end) {
          transpose_rest(m, i, std::min(i + 4, row_end), j, std::min(j + 4, column_end));
          continue;
        }
        const int64_t place = j * m.rows + i;
        transpose_four(m.from + i * m.columns + j,
                       m.columns,
                       m.to + place,
                       m.rows,
                       m.plus ? m.plus + place : nullptr);
      }
    }
  }
}

bool is_fast(const torch::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == torch::kFloat && x.is_contiguous() &&
         !(torch::GradMode::is_enabled() && x.requires_grad());
}

torch::Tensor transpose_rows(const torch::Tensor& x, const torch::Tensor& sum) {
  const int64_t rows = x.size(1);
  const int64_t columns = x.size(2);
  torch::Tensor y = torch::empty({x.size(0), columns, rows}, x.options());
  const int64_t blocks = (rows + kRows - 1) / kRows;
  const float* from = x.const_data_ptr<float>();
  const float* plus = sum.defined() ? sum.const_data_ptr<float>() : nullptr;
  float* to = y.mutable_data_ptr<float>();
  parallel_for(0, x.size(0) * blocks, 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t offset = i / blocks * rows * columns;
      const Matrix matrix{
          from + offset, to + offset, plus ? plus + offset : nullptr, rows, columns};
      const int64_t row = i % blocks * kRows;
      transpose_block(matrix, row, std::min(row + kRows, rows));
    }
  });
  return y;
}

}  // namespace

torch::Tensor transposed(const torch::Tensor& x) {
  if (!is_fast(x)) return x.transpose(1, 2).contiguous();
  return transpose_rows(x, {});
}

torch::Tensor plus_transposed(const torch::Tensor& sum, const torch::Tensor& x) {
  if (!is_fast(x) || !is_fast(sum)) return sum + x.transpose(1, 2).view(sum.sizes());
  return transpose_rows(x, sum).view(sum.sizes());
}

}  // namespace mixwright
