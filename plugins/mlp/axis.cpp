#include "axis.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::mlp {

namespace {

std::string input_text(const torch::Tensor& x) {
  return "input " + list_text(x.sizes().vec());
}

}  // namespace

Adapted FixedTokenMixer::adapt(const std::string&, const torch::Tensor&) const {
  throw Error(
      "its weights belong to one token each and are not resized for another number of tokens; keep "
      "the input size that they were trained with");
}

Shape TokenAxis::hidden_shape(const Shape& shape, int64_t hidden) {
  Shape result;
  result.grid = {hidden};
  result.channels = shape.channels;
  return result;
}

torch::Tensor TokenAxis::open(const torch::Tensor& x, int64_t size) {
  const torch::Tensor tokens = flatten_grid(x);
  if (tokens.size(1) != size) {
    throw Error(input_text(x) + " has N = " + std::to_string(tokens.size(1)) +
                " tokens, weights were built for " + std::to_string(size) +
                "; give inputs of the size that model.input states");
  }
  return tokens;
}

torch::Tensor TokenAxis::apply(const torch::Tensor& x,
                               const torch::Tensor& weight,
                               const torch::Tensor& bias) {
  return apply_linear_to_tokens(x, weight, bias);
}

Shape ChannelAxis::hidden_shape(const Shape& shape, int64_t hidden) {
  return shape.with_channels(hidden);
}

torch::Tensor ChannelAxis::open(const torch::Tensor& x, int64_t size) {
  if (x.size(-1) != size) {
    throw Error(input_text(x) + " has C = " + std::to_string(x.size(-1)) +
                " channels, weights were built for " + std::to_string(size));
  }
  return x;
}

torch::Tensor ChannelAxis::apply(const torch::Tensor& x,
                                 const torch::Tensor& weight,
                                 const torch::Tensor& bias) {
  return apply_linear(x, weight, bias);
}

int64_t hidden_width(const std::optional<int64_t>& hidden, double ratio, int64_t channels) {
  if (hidden) return *hidden;
  const auto width = static_cast<int64_t>(ratio * static_cast<double>(channels));
  if (width < 1) {
    throw Error("ratio = " + ConfigValue(ratio).toml() + " of C = " + std::to_string(channels) +
                " channels leaves no hidden unit; give a larger ratio, or hidden");
  }
  return width;
}

}  // namespace mixwright::mlp
