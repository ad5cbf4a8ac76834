#include "patch.h"

#include <cmath>
#include <numeric>

#include "grid_sizes.h"

namespace mixwright::embeddings {

namespace {

/// `; a common divisor is 7`: what would fit instead of `size`, or the advice to resize.
std::string divisor_hint(const std::vector<int64_t>& grid, int64_t size) {
  const int64_t all =
      std::accumulate(grid.begin(), grid.end(), int64_t{0}, std::gcd<int64_t, int64_t>);
  int64_t best = 1;
  for (int64_t d = 2; d <= all; ++d) {
    if (all % d == 0 && std::abs(d - size) < std::abs(best - size)) best = d;
  }
  if (best == 1) return "; resize the input";
  return "; size = " + std::to_string(best) + " does, or resize the input";
}

/// The grid counted in patches.
std::vector<int64_t> patch_grid(const std::vector<int64_t>& grid,
                                const std::vector<int64_t>& size) {
  std::vector<int64_t> result;
  for (size_t i = 0; i < grid.size(); ++i) {
    if (grid[i] % size[i] != 0) {
      throw Error("patches of size " + list_text(size) + " do not divide the input's grid " +
                  list_text(grid) + divisor_hint(grid, size[i]));
    }
    result.push_back(grid[i] / size[i]);
  }
  return result;
}

}  // namespace

Patch::Patch(const Options& options, const BuildContext& context)
    : size_(grid_sizes(context.shape, options.size, options.sizes, "sizes")),
      flatten_(options.flatten || options.class_token) {
  require_grid(context.shape);
  Shape shape;
  shape.channels = options.dim.value_or(context.dim);
  shape.grid = patch_grid(context.shape.grid, size_);
  const std::vector<int64_t> no_padding(size_.size(), 0);
  proj_ = register_module("proj",
                          GridConvolution(ConvolutionSizes{.in = context.shape.channels,
                                                           .out = shape.channels,
                                                           .kernel = size_,
                                                           .stride = size_,
                                                           .padding = no_padding,
                                                           .bias = options.bias}));
  norm_ = add(options.norm, context.with_shape(shape));
  if (flatten_) {
    shape.origin_grid = shape.grid;
    shape.grid = {shape.tokens()};
  }
  if (options.class_token) {
    cls_token_ = register_parameter("cls_token", torch::zeros({1, 1, shape.channels}));
    shape.prefix_tokens = 1;
  }
  if (options.distillation_token) {
    if (!options.class_token) {
      throw Error("distillation_token stands behind the class token; set class_token = true, too");
    }
    dist_token_ = register_parameter("dist_token", torch::zeros({1, 1, shape.channels}));
    shape.prefix_tokens = 2;
  }
  if (flatten_) shape.grid[0] += shape.prefix_tokens;
  if (options.position) {
    pos_embed_ = register_parameter("pos_embed", torch::zeros({1, shape.tokens(), shape.channels}));
  }
  set_out_shape(shape);
}

void Patch::initialize() {
  // timm vision_transformer.py; its truncation at +-2 is a hundred deviations away.
  for (const torch::Tensor& token : tokens_in_front()) torch::nn::init::normal_(token, 0, 1e-6);
  if (pos_embed_.defined()) torch::nn::init::normal_(pos_embed_, 0, 0.02);
}

Adapted Patch::adapt(const std::string& name, const torch::Tensor& value) const {
  if (name != "pos_embed") refuse_to_adapt(name);
  const std::vector<int64_t>& grid = out_shape().places();
  const int64_t prefix = out_shape().prefix_tokens;
  const int64_t channels = out_shape().channels;
  if (value.dim() != 3 || value.size(0) != 1 || value.size(2) != channels) {
    throw Error("positions [1, N, " + std::to_string(channels) + "] expected");
  }
  const int64_t places = value.size(1) - prefix;
  const int64_t side = std::llround(std::sqrt(static_cast<double>(std::max<int64_t>(0, places))));
  if (grid.size() != 2 || places < 1 || side * side != places) {
    throw Error("positions of a square picture are resized for a picture, not " +
                std::to_string(places) + " places for " + list_text(grid));
  }
  // [1, N, C] -> [1, C, side, side] -> [1, C, H, W] -> [1, H x W, C]
  torch::Tensor y = value.slice(1, prefix).reshape({1, side, side, channels}).permute({0, 3, 1, 2});
  y = at::_upsample_bicubic2d_aa(y.to(torch::kFloat32), grid, /*align_corners=*/false)
          .permute({0, 2, 3, 1})
          .reshape({1, -1, channels});
  if (prefix > 0) y = torch::cat({value.slice(1, 0, prefix), y.to(value.dtype())}, 1);
  return {y.to(value.dtype()),
          "positions of " + list_text({side, side}) + " places resized to " + list_text(grid) +
              ", bicubic with antialiasing" +
              (prefix > 0 ? ", " + std::to_string(prefix) + " prefix tokens as they were" : "")};
}

torch::Tensor Patch::forward_in_context(const torch::Tensor& x, const Context& context) {
  const std::vector<int64_t> grid = x.sizes().slice(1, x.dim() - 2).vec();
  // Checked again here: a convolution would drop a remainder without a word.
  const std::vector<int64_t> patches = patch_grid(grid, size_);
  torch::Tensor y = projected(x, context);
  if (flatten_) y = flatten_grid(y);
  std::vector<torch::Tensor> parts = tokens_in_front();
  if (!parts.empty()) {
    for (torch::Tensor& token : parts) token = token.expand({y.size(0), -1, -1});
    parts.push_back(y);
    y = torch::cat(parts, 1);
  }
  if (!pos_embed_.defined()) return y;
  if (patches != out_shape().places()) {
    throw Error("the input's grid " + list_text(grid) + " makes " + list_text(patches) +
                " patches, positions were made for " + list_text(out_shape().places()) +
                "; resize the input");
  }
  return y + pos_embed_.view(y.sizes().slice(1));  // [1, N, C] -> [*grid, C]
}

std::vector<torch::Tensor> Patch::tokens_in_front() const {
  if (dist_token_.defined()) return {cls_token_, dist_token_};
  if (cls_token_.defined()) return {cls_token_};
  return {};
}

torch::Tensor Patch::projected(const torch::Tensor& x, const Context& context) {
  return run(
      norm_, packed_proj_ ? (*packed_proj_)(rows_of_patches(x)) : proj_->forward(x), context);
}

torch::Tensor Patch::rows_of_patches(const torch::Tensor& x) const {
  std::vector<int64_t> cut = {x.size(0)};  // [B, H / h, h, W / w, w, C]
  std::vector<int64_t> order = {0};
  for (size_t i = 0; i < size_.size(); ++i) {
    const auto dimension = static_cast<int64_t>(i) + 1;
    cut.insert(cut.end(), {x.size(dimension) / size_[i], size_[i]});
    order.push_back(2 * dimension - 1);
  }
  for (size_t i = 0; i < size_.size(); ++i) order.push_back(2 * (static_cast<int64_t>(i) + 1));
  cut.push_back(x.size(-1));
  order.push_back(static_cast<int64_t>(cut.size()) - 1);
  const auto rank = static_cast<int64_t>(size_.size());
  return x.reshape(cut).permute(order).flatten(rank + 1);  // [B, H / h, W / w, h w C]
}

LayerPtr Patch::for_inference_within(const Surroundings& around) {
  if (!around.empty()) return nullptr;
  auto form = std::make_shared<Patch>(*this);
  const torch::Tensor weight = proj_->weight.movedim(1, -1).flatten(1);  // [dim, *size, C]
  form->packed_proj_.emplace(weight, proj_->bias);
  if (cls_token_.defined()) form->cls_token_ = cls_token_.detach().clone();
  if (dist_token_.defined()) form->dist_token_ = dist_token_.detach().clone();
  if (pos_embed_.defined()) form->pos_embed_ = pos_embed_.detach().clone();
  return form;
}

}  // namespace mixwright::embeddings
