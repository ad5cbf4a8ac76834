#include "patch_merging.h"

#include <utility>

#include <mixwright/inference.h>
#include <mixwright/layers.h>

#include "grid_sizes.h"

namespace mixwright::embeddings {

namespace {

/// [B, *grid, C] -> [B, *ceil(grid / 2), 2^r C].
torch::Tensor merge(const torch::Tensor& x) {
  const int64_t rank = x.dim() - 2;
  std::vector<int64_t> padding = {0, 0};  // channels first: the last dimension comes first
  for (int64_t i = rank; i > 0; --i) padding.insert(padding.end(), {0, x.size(i) % 2});
  const torch::Tensor even = torch::constant_pad_nd(x, padding);

  std::vector<int64_t> halves = {x.size(0)};
  std::vector<int64_t> order = {0};
  for (int64_t i = 1; i <= rank; ++i) {
    halves.insert(halves.end(), {even.size(i) / 2, 2});
    order.push_back(2 * i - 1);
  }
  halves.push_back(x.size(-1));
  for (int64_t i = rank; i > 0; --i) order.push_back(2 * i);  // the first dimension runs fastest
  order.push_back(2 * rank + 1);
  // [B, H, W, C] -> [B, H/2, 2, W/2, 2, C] -> [B, H/2, W/2, 2 (W), 2 (H), C] -> [.., 4 C]
  return even.reshape(halves).permute(order).flatten(rank + 1);
}

class PackedMerging final : public Layer {
 public:
  explicit PackedMerging(LayerPtr behind) : behind_(std::move(behind)) {
    set_out_shape(behind_->out_shape());
    eval();
  }
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override {
    return run(behind_, merge(x), context);
  }

 private:
  LayerPtr behind_;  // norm and product
};

}  // namespace

PatchMerging::PatchMerging(const Options& options, const BuildContext& context) {
  require_grid(context.shape);
  Shape shape;
  for (const int64_t size : context.shape.grid) shape.grid.push_back((size + 1) / 2);
  shape.channels = context.shape.channels << context.shape.rank();
  norm_ = add(options.norm, context.with_shape(shape));
  const int64_t dim = options.dim.value_or(context.dim);
  reduction_ = register_module(
      "reduction",
      torch::nn::Linear(torch::nn::LinearOptions(shape.channels, dim).bias(options.bias)));
  set_out_shape(shape.with_channels(dim));
}

torch::Tensor PatchMerging::forward_in_context(const torch::Tensor& x, const Context& context) {
  return apply_linear(run(norm_, merge(x), context), reduction_);
}

LayerPtr PatchMerging::for_inference_within(const Surroundings& around) {
  if (around.before) return nullptr;  // what is added behind the grid are zeros, not its shift
  const LayerPtr behind =
      fused({norm_, as_layer(reduction_->weight, reduction_->bias, out_shape())}, around);
  return behind ? std::make_shared<PackedMerging>(behind) : nullptr;
}

}  // namespace mixwright::embeddings
