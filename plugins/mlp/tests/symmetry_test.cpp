#include "plugins/mlp/symmetry.h"

#include <cmath>
#include <map>

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace mixwright::mlp {
namespace {

TEST(Symmetry, KnowsTheEnds) {
  torch::manual_seed(1);
  const torch::Tensor w = torch::randn({24, 16});
  const Symmetry same = symmetry_of(w, w.t());
  EXPECT_EQ(same.asymmetry, 0);
  EXPECT_NEAR(same.alignment, 1, 1e-12);
  const Symmetry negative = symmetry_of(w, -w.t());
  EXPECT_NEAR(negative.asymmetry, 1, 1e-12);
  EXPECT_NEAR(negative.alignment, 1, 1e-12) << "the same directions";
  EXPECT_NEAR(symmetry_of(w, 3 * w.t()).asymmetry, 0.5, 1e-7) << "|2 W| / (|W| + |3 W|)";
}

TEST(Symmetry, OfIndependentWeightsIsWhatChanceGives) {
  torch::manual_seed(2);
  const Symmetry random = symmetry_of(torch::randn({512, 256}), torch::randn({256, 512}));
  EXPECT_NEAR(random.asymmetry, 1 / std::sqrt(2.0), 0.01);
  EXPECT_NEAR(random.alignment, 32.0 / 256, 0.02);  // k / n, k an eighth of 256
}

// W1 reads one direction, W2 writes one; their angle is 30 degrees.
TEST(Symmetry, MeasuresTheAngle) {
  const double angle = std::acos(-1.0) / 6;
  const torch::Tensor reads = torch::tensor({{1.0, 0.0, 0.0}});
  const torch::Tensor writes = torch::tensor({std::cos(angle), std::sin(angle), 0.0});
  const torch::Tensor w1 = torch::tensor({2.0, -1.0, 0.5, 3.0}).view({4, 1}).mm(reads);  // [4, 3]
  const torch::Tensor w2 = torch::outer(writes, torch::tensor({1.0, 5.0, -2.0, 0.1}));   // [3, 4]
  EXPECT_NEAR(symmetry_of(w1, w2).alignment, 0.75, 1e-7);
}

TEST(Symmetry, SaysNaNOfWhatIsNotFinite) {
  torch::Tensor w = torch::ones({4, 3});
  w[0][0] = std::nan("");
  EXPECT_TRUE(std::isnan(symmetry_of(w, w.t()).asymmetry));
  EXPECT_TRUE(std::isnan(symmetry_of(w, w.t()).alignment));
  EXPECT_EQ(symmetry_of(torch::zeros({4, 3}), torch::zeros({3, 4})).asymmetry, 0);
}

}  // namespace
}  // namespace mixwright::mlp
