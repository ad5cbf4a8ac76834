#include "windows.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace mixwright::attention {

namespace {

std::vector<int64_t> grid_of(const torch::Tensor& x) {
  return {x.sizes().begin() + 1, x.sizes().end() - 1};
}

}  // namespace

Windows::Windows(std::vector<int64_t> sizes, std::vector<int64_t> shifts)
    : sizes_(std::move(sizes)),
      shifts_(std::move(shifts)),
      tokens_(std::accumulate(sizes_.begin(), sizes_.end(), int64_t{1}, std::multiplies<>())),
      shifted_(std::any_of(shifts_.begin(), shifts_.end(), [](int64_t s) { return s != 0; })) {}

std::vector<int64_t> Windows::padded(const std::vector<int64_t>& grid) const {
  std::vector<int64_t> result;
  for (size_t i = 0; i < sizes_.size(); ++i) {
    result.push_back((grid[i] + sizes_[i] - 1) / sizes_[i] * sizes_[i]);
  }
  return result;
}

std::vector<int64_t> Windows::dims() const {
  std::vector<int64_t> result(sizes_.size());
  std::iota(result.begin(), result.end(), 1);
  return result;
}

int64_t Windows::count(const std::vector<int64_t>& grid) const {
  const auto whole = padded(grid);
  return std::accumulate(whole.begin(), whole.end(), int64_t{1}, std::multiplies<>()) / tokens_;
}

torch::Tensor Windows::shift_and_pad(const torch::Tensor& x) const {
  torch::Tensor result = x;
  if (shifted_) {
    std::vector<int64_t> forwards = shifts_;
    for (int64_t& shift : forwards) shift = -shift;
    result = torch::roll(result, forwards, dims());
  }
  const auto grid = grid_of(x);
  const auto whole = padded(grid);
  if (whole == grid) return result;
  std::vector<int64_t> pad = {0, 0};  // last dimension first, two numbers for each
  for (size_t i = sizes_.size(); i-- > 0;) {
    pad.push_back(0);
    pad.push_back(whole[i] - grid[i]);
  }
  return torch::constant_pad_nd(result, pad);
}

torch::Tensor Windows::cut_and_shift_back(const torch::Tensor& x,
                                          const std::vector<int64_t>& grid) const {
  torch::Tensor result = x;
  for (size_t i = 0; i < grid.size(); ++i) {
    result = result.narrow(static_cast<int64_t>(i) + 1, 0, grid[i]);
  }
  return shifted_ ? torch::roll(result, shifts_, dims()) : result;
}

/// [B, windows_1, size_1, windows_2, size_2, ...].
std::vector<int64_t> Windows::cut_sizes(int64_t batch, const std::vector<int64_t>& grid) const {
  const auto whole = padded(grid);
  std::vector<int64_t> result = {batch};
  for (size_t i = 0; i < sizes_.size(); ++i) {
    result.push_back(whole[i] / sizes_[i]);
    result.push_back(sizes_[i]);
  }
  return result;
}

torch::Tensor Windows::split(const torch::Tensor& x, int64_t parts, int64_t heads) const {
  const auto rank = static_cast<int64_t>(sizes_.size());
  std::vector<int64_t> view = cut_sizes(x.size(0), grid_of(x));
  view.insert(view.end(), {parts, heads, x.size(-1) / parts / heads});
  // [B, W_1, size_1, ..., parts, heads, d] -> [parts, B, W_1, ..., heads, size_1, ..., d]
  std::vector<int64_t> order = {2 * rank + 1, 0};
  for (int64_t i = 0; i < rank; ++i) order.push_back(2 * i + 1);
  order.push_back(2 * rank + 2);
  for (int64_t i = 0; i < rank; ++i) order.push_back(2 * i + 2);
  order.push_back(2 * rank + 3);
  return x.reshape(view).permute(order).reshape({parts, -1, heads, tokens_, view.back()});
}

torch::Tensor Windows::join(const torch::Tensor& x,
                            int64_t batch,
                            const std::vector<int64_t>& grid) const {
  const auto rank = static_cast<int64_t>(sizes_.size());
  const std::vector<int64_t> cut = cut_sizes(batch, grid);
  std::vector<int64_t> view = {batch};  // [B, W_1, ..., heads, size_1, ..., d]
  for (int64_t i = 0; i < rank; ++i) view.push_back(cut[static_cast<size_t>(2 * i + 1)]);
  view.push_back(x.size(1));
  view.insert(view.end(), sizes_.begin(), sizes_.end());
  view.push_back(x.size(3));
  std::vector<int64_t> order = {0};  // -> [B, W_1, size_1, ..., heads, d]
  for (int64_t i = 0; i < rank; ++i) order.insert(order.end(), {i + 1, rank + 2 + i});
  order.insert(order.end(), {rank + 1, 2 * rank + 2});
  std::vector<int64_t> result = padded(grid);
  result.insert(result.begin(), batch);
  result.push_back(x.size(1) * x.size(3));
  return x.reshape(view).permute(order).reshape(result);
}

torch::Tensor Windows::shift_mask(const std::vector<int64_t>& grid) const {
  const auto rank = static_cast<int64_t>(sizes_.size());
  const auto whole = padded(grid);
  torch::Tensor region = torch::zeros(whole);
  for (int64_t i = 0; i < rank; ++i) {
    const auto at = static_cast<size_t>(i);
    if (shifts_[at] == 0) continue;
    // Along one dimension: up to the last window, within it before the seam, behind the seam.
    torch::Tensor along = torch::zeros({whole[at]});
    along.narrow(0, whole[at] - sizes_[at], sizes_[at]).fill_(1);
    along.narrow(0, whole[at] - shifts_[at], shifts_[at]).fill_(2);
    std::vector<int64_t> shape(sizes_.size(), 1);
    shape[at] = whole[at];
    region = region * 3 + along.view(shape);
  }
  std::vector<int64_t> sizes = whole;
  sizes.insert(sizes.begin(), 1);
  sizes.push_back(1);
  region = split(region.view(sizes), 1, 1).view({-1, tokens_});  // [W, n]
  return (region.unsqueeze(1) != region.unsqueeze(2)).to(torch::kFloat64) * kFar;
}

int64_t Windows::relative_position_count() const {
  int64_t result = 1;
  for (const int64_t size : sizes_) result *= 2 * size - 1;
  return result;
}

torch::Tensor Windows::relative_positions() const {
  torch::Tensor index = torch::zeros({tokens_, tokens_}, torch::kInt64);
  int64_t inner = tokens_;  // tokens below one step of this dimension, once divided by its size
  for (const int64_t size : sizes_) {
    inner /= size;
    const torch::Tensor place = torch::arange(tokens_).div(inner, "floor").remainder(size);  // [n]
    const torch::Tensor apart = place.unsqueeze(1) - place.unsqueeze(0) + size - 1;
    index = index * (2 * size - 1) + apart;
  }
  return index;
}

}  // namespace mixwright::attention
