#pragma once

#include <mixwright/in_place.h>

namespace mixwright::energy {

/// y <- keep y.
void keep_of(const torch::Tensor& y, double keep);

/// y <- softmax(beta x) over the last dimension; `scaled` is room for beta x. All of one shape.
Action softmax_into(const torch::Tensor& y,
                    const torch::Tensor& scaled,
                    const torch::Tensor& x,
                    double beta);

/// How the rows of a norm are scaled.
struct RowNorm {
  double eps = 0;
  bool centred = true;        ///< layer norm: around the mean, by the mean square
  double scale = 1;           ///< of all
  double shift = 0;           ///< of all, where there is no tensor
  torch::Tensor elementwise;  ///< shift of each unit, or undefined
};

/// y <- scale (x - mean) / sqrt(mean((x - mean)^2) + eps) + shift, or scale x / sqrt(sum(x^2) +
/// eps) + shift, row by row. Shape: [rows, size], float32 or float64; elementwise [k, size], of
/// which row r takes the one r modulo k.
Action normalized_into(const torch::Tensor& y, const torch::Tensor& x, const RowNorm& norm);

}  // namespace mixwright::energy
