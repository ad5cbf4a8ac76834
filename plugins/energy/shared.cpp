#include "shared.h"

#include <mixwright/error.h>
#include <mixwright/layers.h>

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

torch::Tensor Shared::there(const torch::Tensor& second, at::IntArrayRef first_sizes) const {
  const torch::Tensor g = along_axis(second);
  if (pooled_) return torch::linear(g.sum(1), weight_);  // [B, N or C] -> [B, h]
  const torch::Tensor seen = torch::matmul(g, weight_.t());
  const torch::Tensor back = axis_ == Axis::kTokens ? seen.transpose(1, 2).contiguous() : seen;
  return back.view(first_sizes);  // [B, C, h] -> [B, h, C], or [B, N, h] -> [B, *grid, h]
}

torch::Tensor Shared::back(const torch::Tensor& first, at::IntArrayRef second_sizes) const {
  const torch::Tensor way = asymmetry_.defined() ? weight_.t() + asymmetry_ : weight_.t();
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

}  // namespace mixwright::energy
