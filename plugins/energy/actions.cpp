#include "actions.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <mixwright/parallel.h>

namespace mixwright::energy {

namespace {

constexpr int64_t kGrain = 16384;  // numbers that a thread takes at least
constexpr int64_t kLanes = 16;     // sums beside each other, so that the compiler makes vectors

/// Sum of term(x_i).
template <class T, class Term>
double sum_of(const T* x, int64_t size, const Term& term) {
  std::array<T, kLanes> lanes{};
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (int64_t l = 0; l < kLanes; ++l) lanes[static_cast<size_t>(l)] += term(x[i + l]);
  }
  double sum = 0;
  for (const T lane : lanes) sum += lane;
  for (; i < size; ++i) sum += term(x[i]);
  return sum;
}

template <class T>
void normalize_row(const T* x, T* y, int64_t size, const RowNorm& norm, const T* shift) {
  const auto count = static_cast<double>(size);
  const T mean =
      norm.centred ? static_cast<T>(sum_of(x, size, [](T v) { return v; }) / count) : T(0);
  const double square = sum_of(x, size, [mean](T v) { return (v - mean) * (v - mean); });
  const double spread = std::sqrt((norm.centred ? square / count : square) + norm.eps);
  const T factor = static_cast<T>(norm.scale / spread);
  if (shift != nullptr) {
    for (int64_t i = 0; i < size; ++i) y[i] = (x[i] - mean) * factor + shift[i];
  } else {
    const T plus = static_cast<T>(norm.shift);
    for (int64_t i = 0; i < size; ++i) y[i] = (x[i] - mean) * factor + plus;
  }
}

template <class T>
Action rows_into(const torch::Tensor& y, const torch::Tensor& x, const RowNorm& norm) {
  return [y, x, norm] {
    const int64_t size = x.size(-1);
    if (x.numel() == 0) return;
    const T* from = x.const_data_ptr<T>();
    T* to = y.mutable_data_ptr<T>();
    const T* shift = norm.elementwise.defined() ? norm.elementwise.const_data_ptr<T>() : nullptr;
    const int64_t shifts = shift == nullptr ? 1 : norm.elementwise.numel() / size;
    const int64_t grain = std::max<int64_t>(1, kGrain / size);
    parallel_for(0, x.numel() / size, grain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        normalize_row(from + row * size,
                      to + row * size,
                      size,
                      norm,
                      shift == nullptr ? nullptr : shift + row % shifts * size);
      }
    });
  };
}

}  // namespace

void keep_of(const torch::Tensor& y, double keep) {
  if (keep == 0) {
    y.zero_();
  } else if (keep != 1) {
    y.mul_(keep);
  }
}

Action softmax_into(const torch::Tensor& y,
                    const torch::Tensor& scaled,
                    const torch::Tensor& x,
                    double beta) {
  const torch::Tensor factor = torch::full({}, beta, x.options());
  return [=] {
    torch::Tensor room = scaled;
    torch::Tensor result = y;
    torch::mul_out(room, x, factor);
    torch::_softmax_out(result, room, -1, /*half_to_float=*/false);
  };
}

Action normalized_into(const torch::Tensor& y, const torch::Tensor& x, const RowNorm& norm) {
  return x.scalar_type() == torch::kFloat ? rows_into<float>(y, x, norm)
                                          : rows_into<double>(y, x, norm);
}

}  // namespace mixwright::energy
