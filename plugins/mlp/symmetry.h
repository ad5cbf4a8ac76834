#pragma once

#include <torch/torch.h>

#include <mixwright/training.h>

namespace mixwright::mlp {

/// How far two linear layers after one another are from a pair that an energy gives, W2 = W1^T.
struct Symmetry {
  /// |W1 - W2^T| / (|W1| + |W2|) in Frobenius' norm: 0 where the second layer is the first one's
  /// transpose, 1 where it is its negative, about 0.71 where the two are independent of one another
  /// and equally large.
  double asymmetry = 0;
  /// Mean squared cosine of the angles between what the first layer reads most, its first k right
  /// singular vectors, and what the second writes most, its first k left ones; k is an eighth of
  /// the smaller side, at least 1. 1: the same space; k / n for random spaces in n dimensions.
  double alignment = 0;
};

/// `first` W1 [hidden, n], `second` W2 [n, hidden]; both NaN where a weight is not finite.
/// Source: the question is that of Karakida, Ota, Taki 2024, arXiv:2406.12220, which of W1 and W2
/// break the symmetry of the energy; principal angles by A. Bjoerck, G. Golub 1973, Math. Comp. 27.
Symmetry symmetry_of(const torch::Tensor& first, const torch::Tensor& second);

/// Tells both as `asymmetry` and `alignment`.
void report_symmetry(Report& report, const torch::Tensor& first, const torch::Tensor& second);

}  // namespace mixwright::mlp
