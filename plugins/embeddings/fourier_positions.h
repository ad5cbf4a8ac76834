#pragma once

#include "positions.h"

namespace mixwright::embeddings {

struct FourierPositionsOptions : PositionsOptions {
  int64_t bands = 64;
  std::vector<int64_t> resolution;
  bool cosine = true;
  bool coordinates = true;
};
constexpr auto mixwright_options(const FourierPositionsOptions*) {
  using options::field;
  using O = FourierPositionsOptions;
  return std::tuple_cat(
      std::make_tuple(
          field("bands", &O::bands).at_least(1).doc("frequencies in each grid dimension"),
          field("resolution", &O::resolution)
              .at_least(1)
              .doc("one for each grid dimension: the highest frequency is half of it; not given: "
                   "the grid's sizes"),
          field("cosine", &O::cosine).doc("cosines beside the sines"),
          field("coordinates", &O::coordinates).doc("the coordinates themselves in front of them")),
      positions_fields());
}

/// Sines and cosines of each place's coordinates, beside the features or added to them.
///
///   p = [c_1 ... c_r, sin(pi f_k c_i), cos(pi f_k c_i)], f_k = 1 ... resolution_i / 2
///
/// Coordinates c_i run from -1 to 1 in each of the r grid dimensions, the f_k in `bands` equal
/// steps; dimension by dimension all frequencies, all sines before all cosines.
///
/// Shape: [B, *grid, C] -> [B, *grid, C + P], P = r (1 + 2 bands), or C + project; the same with
///   combine = "add".
/// Params: FourierPositionsOptions. `proj.*`.
/// Throws: Error where resolution has another length than the grid.
/// Source: Jaegle et al. 2021, arXiv:2103.03206 section 3.2; arXiv:2107.14795.
/// Deviates: none.
class FourierPositions final : public Positions {
 public:
  using Options = FourierPositionsOptions;
  FourierPositions(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::Tensor table_for(torch::IntArrayRef grid) const;

  int64_t bands_;
  bool cosine_;
  bool coordinates_;
  std::vector<int64_t> resolution_;
  std::vector<int64_t> grid_;  // that table_ is of
  torch::Tensor table_;        // [*grid, P]; no buffer, since options say all of it
};

}  // namespace mixwright::embeddings
