#include "pooling.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::metaformer {

namespace {

/// Mean over a window of height x width places of [B, H, W, C], places beyond the border not
/// counted.
torch::Tensor picture_mean(const torch::Tensor& x, int64_t height, int64_t width) {
  torch::Tensor picture = x.movedim(-1, 1);  // [B, C, H, W], a view
  // On a GPU the gradient of padded means is wrong where the channels lie last (PyTorch's issue
  // 188344). A clone, for of a single channel contiguous() would keep the strides of channels last.
  if (picture.is_cuda()) picture = picture.clone(at::MemoryFormat::Contiguous);
  return torch::avg_pool2d(picture,
                           {height, width},
                           1,
                           {height / 2, width / 2},
                           /*ceil_mode=*/false,
                           /*count_include_pad=*/false)
      .movedim(1, -1)
      .contiguous();
}

/// The same over a window of `side` places in each dimension of [B, *grid, C].
torch::Tensor window_mean(const torch::Tensor& x, int64_t side) {
  if (x.dim() == 3) return picture_mean(x.unsqueeze(1), 1, side).squeeze(1);
  if (x.dim() == 4) return picture_mean(x, side, side);
  // Means of means, since every window is a product: avg_pool3d would permute memory, and refuses
  // grids smaller than the window.
  const torch::Tensor flat = picture_mean(x.flatten(0, 1), side, side).view_as(x);
  return picture_mean(flat.flatten(2, 3), side, 1).view_as(x);  // [B, D, H x W, C]
}

}  // namespace

Pooling::Pooling(const Options& options, const BuildContext& context)
    : pool_size_(options.pool_size) {
  require_plain_grid(context.shape, "pooling");
  if (context.shape.rank() > 3) {
    throw Error("pooling works on grids of 1 to 3 dimensions, this grid has " +
                std::to_string(context.shape.rank()));
  }
}

torch::Tensor Pooling::forward_in_context(const torch::Tensor& input, const Context& context) {
  const torch::Tensor x = contiguous_gradient(input);
  if (!context.padding_mask.defined()) return window_mean(x, pool_size_) - x;
  const torch::Tensor weight = context.padding_mask.to(x.dtype()).unsqueeze(-1);  // [B, *grid, 1]
  // Both means count the same places, so that their ratio is the mean over tokens alone.
  const torch::Tensor share = window_mean(weight, pool_size_);
  const torch::Tensor mean = window_mean(x * weight, pool_size_) / share.where(share > 0, 1.0);
  return (mean - x) * weight;
}

}  // namespace mixwright::metaformer
