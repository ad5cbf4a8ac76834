#pragma once

#include "positions.h"

namespace mixwright::embeddings {

struct LearnedPositionsOptions : PositionsOptions {
  std::optional<int64_t> dim;
};
constexpr auto mixwright_options(const LearnedPositionsOptions*) {
  return std::tuple_cat(std::make_tuple(options::field("dim", &LearnedPositionsOptions::dim)
                                            .at_least(1)
                                            .doc("numbers for each place; not given: as many as "
                                                 "the features have channels")),
                        positions_fields());
}

/// A learned vector for each place of the grid, beside the features or added to them.
///
/// Shape: [B, *grid, C] -> [B, *grid, C + dim], or C + project; the same with combine = "add".
/// Params: LearnedPositionsOptions. `pos_embed` [N, dim], `proj.*`.
/// Throws: Error where the grid is not the one that it was built for.
/// Source: Jaegle et al. 2021, arXiv:2107.14795; vectors start at normal(0, 0.02).
/// Deviates: none.
class LearnedPositions final : public Positions {
 public:
  using Options = LearnedPositionsOptions;
  LearnedPositions(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;
  void initialize() override;

 private:
  std::vector<int64_t> grid_;
  torch::Tensor pos_embed_;
};

}  // namespace mixwright::embeddings
