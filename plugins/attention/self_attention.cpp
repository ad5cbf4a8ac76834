#include "self_attention.h"

#include <algorithm>
#include <string>

#include <mixwright/attention.h>
#include <mixwright/error.h>
#include <mixwright/layers.h>

#include "position_table.h"

namespace mixwright::attention {

namespace {

/// The window that fits the grid, and its shift; a dimension that the window covers is not shifted.
Windows windows_of(const SelfAttentionOptions& options, const BuildContext& context) {
  const Shape& shape = context.shape;
  if (options.causal) {
    throw Error("causal = true goes with attention to all tokens; leave out window");
  }
  require_plain_grid(shape, "attention within windows");
  if (options.shift.tokens >= options.window) {
    throw Error("shift = " + std::to_string(options.shift.tokens) +
                " must be less than window = " + std::to_string(options.window));
  }
  int64_t shift = options.shift.tokens;
  if (options.shift.alternate && context.place.block % 2 == 1) shift = options.window / 2;
  std::vector<int64_t> sizes;
  std::vector<int64_t> shifts;
  for (const int64_t length : shape.grid) {
    sizes.push_back(std::min(options.window, length));
    shifts.push_back(length <= options.window ? 0 : shift);
  }
  return Windows(sizes, shifts);
}

/// [B, *grid], true where there is a token, as [B, N]; refused where it is not the input's.
torch::Tensor checked_mask(const torch::Tensor& mask, const torch::Tensor& x) {
  if (mask.dim() != x.dim() - 1 || mask.sizes() != x.sizes().slice(0, mask.dim())) {
    throw Error("padding mask " + list_text(mask.sizes().vec()) + " does not fit the input " +
                list_text(x.sizes().vec()));
  }
  return mask.to(torch::kBool);
}

}  // namespace

SelfAttention::SelfAttention(const Options& options, const BuildContext& context)
    : heads_(heads_of(options.heads, options.head_dim, context.shape.channels)),
      dropout_(options.dropout),
      projection_dropout_(options.projection_dropout),
      causal_(options.causal),
      windowed_(options.window > 0) {
  const int64_t channels = context.shape.channels;
  const int64_t inner = heads_.inner();
  using torch::nn::LinearOptions;
  qkv_ = register_module("qkv",
                         torch::nn::Linear(LinearOptions(channels, 3 * inner).bias(options.bias)));
  proj_ = register_module(
      "proj", torch::nn::Linear(LinearOptions(inner, channels).bias(options.projection_bias)));
  if (!windowed_) {
    if (options.shift.alternate || options.shift.tokens != 0) {
      throw Error("shift has no meaning without windows; give window, or leave it out");
    }
    return;
  }
  windows_ = windows_of(options, context);
  if (!options.position_bias) return;
  table_ = register_parameter("relative_position_bias_table",
                              torch::empty({windows_.relative_position_count(), heads_.count}));
  positions_ = windows_.relative_positions();
  initialize();
}

void SelfAttention::initialize() {
  if (!table_.defined()) return;
  const torch::NoGradGuard no_grad;
  // Truncated normal, std 0.02 (arXiv:2103.14030's code); the cut at +-2 lies 100 deviations out.
  table_.normal_(0.0, 0.02);
}

Adapted SelfAttention::adapt(const std::string& name, const torch::Tensor& value) const {
  if (name != "relative_position_bias_table") refuse_to_adapt(name);
  if (value.dim() != 2 || value.size(1) != heads_.count) {
    throw Error("a table of " + std::to_string(heads_.count) + " heads expected");
  }
  const ResizedTable table = resized_position_table(value, windows_.sizes());
  return {table.value,
          "relative positions of a window of " + std::to_string(table.window) + " resized to " +
              list_text(windows_.sizes()) + ", linear between places that grow apart outwards"};
}

torch::Tensor SelfAttention::forward_in_context(const torch::Tensor& x, const Context& context) {
  const torch::Tensor y =
      projected(windowed_ ? attend_in_windows(x, context) : attend_to_all(x, context));
  return torch::dropout(y, projection_dropout_, is_training());
}

torch::Tensor SelfAttention::qkv_of(const torch::Tensor& x) const {
  return packed_qkv_ ? (*packed_qkv_)(x) : apply_linear(x, qkv_);
}

torch::Tensor SelfAttention::projected(const torch::Tensor& x) const {
  return packed_proj_ ? (*packed_proj_)(x) : apply_linear(x, proj_);
}

LayerPtr SelfAttention::for_inference_within(const Surroundings& around) {
  if (windowed_ && around.before) return nullptr;  // tokens behind the grid are zero, not its shift
  auto form = std::make_shared<SelfAttention>(*this);
  form->packed_qkv_.emplace(qkv_->weight,
                            qkv_->bias,
                            Surroundings{.before = around.before, .after = {}, .activation = {}});
  form->packed_proj_.emplace(
      proj_->weight,
      proj_->bias,
      Surroundings{.before = {}, .after = around.after, .activation = around.activation});
  if (table_.defined()) form->table_ = table_.detach().clone();
  return form;
}

torch::Tensor SelfAttention::attend_to_all(const torch::Tensor& x, const Context& context) {
  const int64_t batch = x.size(0);
  const int64_t tokens = x.numel() / std::max<int64_t>(1, batch * x.size(-1));
  // [B, *grid, C] -> [B, N, 3, heads, d] -> 3 of [B, heads, N, d], views
  const auto parts = qkv_of(x)
                         .view({batch, tokens, 3, heads_.count, heads_.width})
                         .permute({2, 0, 3, 1, 4})
                         .unbind(0);
  std::optional<torch::Tensor> mask;
  if (context.padding_mask.defined()) {
    mask = checked_mask(context.padding_mask, x).reshape({batch, 1, 1, tokens});
    if (causal_) mask = *mask & torch::ones({tokens, tokens}, mask->options()).tril();
  }
  const torch::Tensor y =
      mixwright::attend(parts[0], parts[1], parts[2], mask, attention_dropout(), causal_ && !mask);
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes.back() = heads_.inner();
  return y.transpose(1, 2).reshape(sizes);  // [B, heads, N, d] -> [B, *grid, heads x d]
}

torch::Tensor SelfAttention::attend_in_windows(const torch::Tensor& x, const Context& context) {
  const std::vector<int64_t> grid(x.sizes().begin() + 1, x.sizes().end() - 1);
  if (grid.size() != windows_.sizes().size()) {
    throw Error("input " + list_text(x.sizes().vec()) + " has a grid of " +
                std::to_string(grid.size()) + " dimensions, windows were built for " +
                std::to_string(windows_.sizes().size()));
  }
  const torch::Tensor qkv = qkv_of(windows_.shift_and_pad(x));
  const torch::Tensor parts = windows_.split(qkv, 3, heads_.count);  // [3, B x W, heads, n, d]
  const torch::Tensor scores = window_scores(x, context.padding_mask);
  std::vector<int64_t> sizes = parts[0].sizes().vec();
  // Scores that differ from window to window: windows stand beside the heads, so that the batch
  // stays what scores are repeated over.
  const std::vector<int64_t> whole = sizes;
  if (scores.defined() && scores.size(1) != heads_.count) {
    sizes[0] = x.size(0);
    sizes[1] = -1;
  }
  const torch::Tensor y =
      mixwright::attend(parts[0].reshape(sizes),
                        parts[1].reshape(sizes),
                        parts[2].reshape(sizes),
                        scores.defined() ? std::optional<torch::Tensor>(scores) : std::nullopt,
                        attention_dropout());
  return windows_.cut_and_shift_back(windows_.join(y.reshape(whole), x.size(0), grid), grid);
}

torch::Tensor SelfAttention::position_scores() {
  if (positions_.device() != table_.device()) positions_ = positions_.to(table_.device());
  const int64_t n = windows_.tokens();
  // [n x n, heads] -> [heads, n, n]
  return table_.index_select(0, positions_.view(-1)).view({n, n, -1}).permute({2, 0, 1});
}

torch::Tensor SelfAttention::window_scores(const torch::Tensor& x,
                                           const torch::Tensor& padding_mask) {
  const std::vector<int64_t> grid(x.sizes().begin() + 1, x.sizes().end() - 1);
  torch::Tensor scores;
  if (table_.defined()) scores = position_scores().unsqueeze(0);  // [1, heads, n, n]
  const int64_t n = windows_.tokens();
  torch::Tensor far;  // [1 or B, W, 1, n or 1, n]
  if (windows_.shifted()) {
    if (grid != mask_grid_ || !mask_.defined() || mask_.options().device() != x.device() ||
        mask_.scalar_type() != x.scalar_type()) {
      mask_ = windows_.shift_mask(grid).to(x.options());
      mask_grid_ = grid;
    }
    far = mask_.view({1, -1, 1, n, n});
  }
  if (padding_mask.defined()) {
    const torch::Tensor present = checked_mask(padding_mask, x).to(x.dtype()).unsqueeze(-1);
    // What stands behind the grid counts as absent here too. Finite, so that a window without any
    // token does not become NaN.
    const torch::Tensor absent =
        (1 - windows_.split(windows_.shift_and_pad(present), 1, 1).view({x.size(0), -1, 1, 1, n})) *
        (100 * Windows::kFar);
    far = far.defined() ? far + absent : absent;
  }
  if (!far.defined()) return scores;
  if (scores.defined()) far = far + scores.unsqueeze(0);  // [., W, heads, n, n]
  far = far.expand({-1, -1, heads_.count, n, n});
  return far.reshape({far.size(0), -1, n, n});
}

}  // namespace mixwright::attention
