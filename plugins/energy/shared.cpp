#include "shared.h"

#include <mixwright/error.h>
#include <mixwright/layers.h>

#include "actions.h"
#include "meeting.h"

namespace mixwright::energy {

namespace {

bool fits(const Shape& first, const Shape& second, Axis axis) {
  if (first.grid.empty()) return true;
  return axis == Axis::kTokens ? first.rank() == 1 && first.channels == second.channels
                               : first.grid == second.grid;
}

std::string expected(const Shape& second, Axis axis) {
  Shape shape = second.with_channels(0);
  std::string text =
      axis == Axis::kTokens ? "[h, " + std::to_string(second.channels) + "]" : shape.text();
  if (axis == Axis::kChannels) text.replace(text.rfind('0'), 1, "h");
  return text + ", or [h] for units that see the sum";
}

}  // namespace

Shared::Shared(const Options& options, const BuildContext& context) : axis_(options.axis) {
  const std::vector<Shape>& layers = meeting_layers(context, 2, 2);
  const Shape& first = layers[0];
  const Shape& second = layers[1];
  if (second.grid.empty()) {
    throw Error("the second layer " + second.text() + " has no grid; take a dense synapse");
  }
  if (!fits(first, second, axis_)) {
    throw Error("the first layer is " + first.text() + ", with a second layer of " + second.text() +
                " it must be " + expected(second, axis_));
  }
  pooled_ = first.grid.empty();
  const bool tokens = axis_ == Axis::kTokens;
  const int64_t hidden = tokens && !pooled_ ? first.tokens() : first.channels;
  const int64_t size = tokens ? second.tokens() : second.channels;
  weight_ = register_parameter("weight", torch::randn({hidden, size}) * options.init_std);
  if (options.asymmetric) {
    asymmetry_ = register_parameter("asymmetry", torch::randn({size, hidden}) * options.init_std);
  }
}

/// [B, *grid, C] -> [B, C, N] along the tokens, [B, N, C] along the channels: a view.
torch::Tensor Shared::along_axis(const torch::Tensor& g) const {
  return axis_ == Axis::kTokens ? flatten_grid(g).transpose(1, 2) : flatten_grid(g);
}

torch::Tensor Shared::way_back() const {
  return asymmetry_.defined() ? weight_.t() + asymmetry_ : weight_.t();
}

torch::Tensor Shared::there(const torch::Tensor& second, at::IntArrayRef first_sizes) const {
  const torch::Tensor g = along_axis(second);
  if (pooled_) return torch::linear(g.sum(1), weight_);  // [B, N or C] -> [B, h]
  const torch::Tensor seen = torch::matmul(g, weight_.t());
  const torch::Tensor back = axis_ == Axis::kTokens ? seen.transpose(1, 2).contiguous() : seen;
  return back.view(first_sizes);  // [B, C, h] -> [B, h, C], or [B, N, h] -> [B, *grid, h]
}

torch::Tensor Shared::back(const torch::Tensor& first, at::IntArrayRef second_sizes) const {
  const torch::Tensor way = way_back();
  const torch::Tensor g = pooled_ ? first.unsqueeze(1) : along_axis(first);
  torch::Tensor seen = torch::linear(g, way);  // [B, C or N or 1, N or C]
  if (axis_ == Axis::kTokens) seen = seen.transpose(1, 2);
  if (pooled_) {  // the same for every channel, or for every token
    const int64_t channels = second_sizes.back();
    const int64_t tokens = c10::multiply_integers(second_sizes.slice(1)) / channels;
    seen = seen.expand({second_sizes[0], tokens, channels});
  }
  return seen.contiguous().view(second_sizes);
}

Action Shared::force_into(const torch::Tensor& x,
                          Blend blend,
                          const std::vector<torch::Tensor>& g,
                          size_t i,
                          int64_t times) const {
  if (pooled_) return pooled_force_into(x, blend, g, i, times);
  const torch::Tensor to = flatten_grid(x);
  const torch::Tensor from = flatten_grid(g[1 - i]);
  const torch::Tensor way = i == 0 ? weight_ : way_back();  // [out, in]
  if (axis_ == Axis::kTokens) return product_into_each(to, blend, way, from);
  const torch::Tensor rows = to.flatten(0, 1);  // [B, N, C] -> [B N, C]
  return product_into(rows, blend, from.flatten(0, 1), way.t(), times);
}

Action Shared::pooled_force_into(const torch::Tensor& x,
                                 Blend blend,
                                 const std::vector<torch::Tensor>& g,
                                 size_t i,
                                 int64_t times) const {
  const int64_t along = axis_ == Axis::kTokens ? 2 : 1;  // what is summed over, of [B, N, C]
  const torch::Tensor units = flatten_grid(i == 0 ? g[1] : x);
  const torch::Tensor room = torch::empty({x.size(0), weight_.size(1)}, x.options());
  if (i == 0) {
    const Action product = product_into(x, blend, room, weight_.t(), times);
    return [=] {
      torch::Tensor sum = room;
      torch::sum_out(sum, units, along);
      product();
    };
  }
  const Action product = product_into(room, {}, g[0], way_back().t(), times);
  return [=, spread = room.unsqueeze(along)] {
    product();
    keep_of(units, blend.keep);
    units.add_(spread, blend.scale);  // the same for every channel, or for every token
  };
}

}  // namespace mixwright::energy
