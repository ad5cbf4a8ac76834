#pragma once

#include <cstdint>
#include <vector>

#include <mixwright/transform.h>

struct CutmixOptions {
  double alpha = 1.0;
  double probability = 1.0;
};

MIXWRIGHT_OPTIONS(
    CutmixOptions,
    field("alpha", &CutmixOptions::alpha)
        .at_least(0.01)
        .doc("the box's share, before it is clipped, is drawn from Beta(alpha, alpha); 1 is "
             "uniform"),
    field("probability", &CutmixOptions::probability)
        .at_least(0)
        .at_most(1)
        .doc("share of the batches that are mixed"))

/// Replaces a box of each sample by the same box of a partner. One lambda ~ Beta(alpha, alpha) and
/// one box for the batch: its centre is uniform over the grid, its sides are
/// (1 - lambda)^(1 / rank) of the grid's, what stands out is cut off. The partner's share of the
/// loss is the share of the places that were replaced. A batch that is mixed already stays as it
/// is.
/// Shape: [batch, *grid, C] -> the same; the box spans all dimensions of the grid.
/// Source: S. Yun, D. Han, S. Oh, S. Chun, J. Choe, Y. Yoo 2019, arXiv:1905.04899, eq. 1 and 2; box
/// rounded as in timm.
/// Deviates: the partner is the sample at the same place of the reversed batch, as in timm.
class Cutmix final : public mixwright::Transform {
 public:
  using Options = CutmixOptions;
  /// One dimension of a box: places begin to end - 1.
  struct Side {
    int64_t begin = 0;
    int64_t end = 0;
  };

  explicit Cutmix(const Options& options) : options_(options) {}
  void apply_to_batch(mixwright::Batch& batch, mixwright::SampleRandom& random) const override;

  // The steps behind the draws.
  static std::vector<Side> box(const std::vector<int64_t>& grid,
                               double lambda,
                               const std::vector<int64_t>& centre);
  static void mix(mixwright::Batch& batch, const std::vector<Side>& box);

 private:
  Options options_;
};
