#include "symmetry.h"

#include <algorithm>
#include <limits>

namespace mixwright::mlp {

namespace {

/// The k directions [n, k] that a symmetric positive matrix [n, n] stretches most.
torch::Tensor strongest(const torch::Tensor& matrix, int64_t k) {
  const auto [values, vectors] = torch::linalg_eigh(matrix);  // the largest is last
  return vectors.slice(/*dim=*/1, vectors.size(1) - k);
}

}  // namespace

Symmetry symmetry_of(const torch::Tensor& first, const torch::Tensor& second) {
  const torch::Tensor w1 = first.detach().to(torch::kCPU, torch::kFloat64);
  const torch::Tensor w2 = second.detach().to(torch::kCPU, torch::kFloat64);
  const torch::Tensor size = w1.norm() + w2.norm();
  Symmetry symmetry;
  if (!torch::isfinite(size).item<bool>()) {
    symmetry.asymmetry = symmetry.alignment = std::numeric_limits<double>::quiet_NaN();
    return symmetry;
  }
  symmetry.asymmetry = ((w1 - w2.t()).norm() / size.clamp_min(1e-300)).item<double>();
  // Right singular vectors of W1 are eigenvectors of W1^T W1, left ones of W2 those of W2 W2^T.
  const int64_t k = std::max<int64_t>(1, std::min(w1.size(0), w1.size(1)) / 8);
  const torch::Tensor cosines =
      strongest(w1.t().mm(w1), k).t().mm(strongest(w2.mm(w2.t()), k));  // [k, k]
  symmetry.alignment = cosines.square().sum().item<double>() / static_cast<double>(k);
  return symmetry;
}

void report_symmetry(Report& report, const torch::Tensor& first, const torch::Tensor& second) {
  if (report.wants_pictures()) return;
  const Symmetry symmetry = symmetry_of(first, second);
  report.number("asymmetry", symmetry.asymmetry);
  report.number("alignment", symmetry.alignment);
}

}  // namespace mixwright::mlp
