#pragma once

#include <cstdint>
#include <vector>

#include <torch/torch.h>

namespace mixwright::attention {

/// A grid of one to three dimensions cut into equal windows, cyclically shifted where asked, padded
/// behind where the grid is no multiple of the window. Letters: W windows, n tokens in one.
class Windows {
 public:
  Windows() = default;
  /// One size and one shift per grid dimension.
  Windows(std::vector<int64_t> sizes, std::vector<int64_t> shifts);

  int64_t tokens() const { return tokens_; }
  const std::vector<int64_t>& sizes() const { return sizes_; }
  bool shifted() const { return shifted_; }
  /// Windows that cover `grid`, padding included.
  int64_t count(const std::vector<int64_t>& grid) const;

  /// [B, *grid, C] shifted forwards and padded with zeros: [B, *padded, C].
  torch::Tensor shift_and_pad(const torch::Tensor& x) const;
  /// The way back: cut to `grid` and shifted backwards.
  torch::Tensor cut_and_shift_back(const torch::Tensor& x, const std::vector<int64_t>& grid) const;

  /// [B, *padded, parts x heads x d] -> [parts, B x W, heads, n, d].
  torch::Tensor split(const torch::Tensor& x, int64_t parts, int64_t heads) const;
  /// [B x W, heads, n, d] -> [B, *padded, heads x d].
  torch::Tensor join(const torch::Tensor& x, int64_t batch, const std::vector<int64_t>& grid) const;

  /// [W, n, n], kFar between tokens that are neighbours only by the cyclic shift, else 0.
  torch::Tensor shift_mask(const std::vector<int64_t>& grid) const;
  /// [n, n]: row of the table of relative positions, prod (2 size - 1) rows, for each pair.
  torch::Tensor relative_positions() const;
  int64_t relative_position_count() const;

  static constexpr double kFar = -100.0;  ///< the published code's, arXiv:2103.14030

 private:
  std::vector<int64_t> padded(const std::vector<int64_t>& grid) const;
  std::vector<int64_t> cut_sizes(int64_t batch, const std::vector<int64_t>& grid) const;
  std::vector<int64_t> dims() const;

  std::vector<int64_t> sizes_;
  std::vector<int64_t> shifts_;
  int64_t tokens_ = 0;
  bool shifted_ = false;
};

}  // namespace mixwright::attention
