#include "query_key_value.h"

#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

namespace mixwright::metamixer {

namespace {

/// Whether what `layer` makes of x stands, token by token, at the places of x.
bool has_the_tokens(const LayerPtr& layer, const Shape& in) {
  const auto* projection = dynamic_cast<const Projection*>(layer.get());
  if (projection != nullptr && projection->is_static()) return false;
  return shape_after(layer, in).grid == in.grid;
}

/// The context of an interaction whose right operand stands, or does not, at the input's places.
Context for_right(const Context& context, bool has_the_tokens) {
  Context copy = context;
  if (!has_the_tokens) copy.padding_mask = torch::Tensor();
  return copy;
}

}  // namespace

template <class Kind>
QueryKeyValue<Kind>::QueryKeyValue(const Options& options, const BuildContext& context)
    : heads_(options.heads), dropout_(options.dropout) {
  const Shape& in = context.shape;
  const BuildContext outer = context.with_dim(in.channels);
  query_ = this->add(options.query, outer);
  const Shape query = shape_after(query_, in);
  const BuildContext inner = context.with_dim(query.channels);

  Shape shape = of_one_head(query, "query");
  if (options.interaction) {
    key_ = this->add(options.key, inner);
    const Shape key = of_one_head(shape_after(key_, in), "key");
    interaction_ = this->add(options.interaction, Interaction::between(context, shape, key));
    key_has_the_tokens_ = has_the_tokens(key_, in);
    shape = interaction_->out_shape();
  }
  activation_ = this->add(options.activation, context.with_shape(shape));
  norm_ = this->add(options.norm, context.with_shape(shape));
  if (options.aggregation) {
    value_ = this->add(options.value, inner);
    const Shape value = of_one_head(shape_after(value_, in), "value");
    aggregation_ = this->add(options.aggregation, Interaction::between(context, shape, value));
    value_has_the_tokens_ = has_the_tokens(value_, in);
    shape = aggregation_->out_shape();
  }
  output_ =
      this->add(options.output, outer.with_shape(shape.with_channels(shape.channels * heads_)));
  const Shape out = output_ ? output_->out_shape() : shape.with_channels(shape.channels * heads_);
  if (out.tokens() != in.tokens() || out.channels != in.channels) {
    throw Error("makes " + out.text() + " of " + in.text() +
                "; a mixer must keep the shape: give value or output another dim");
  }
}

template <class Kind>
torch::Tensor QueryKeyValue<Kind>::forward_in_context(const torch::Tensor& input,
                                                      const Context& context) {
  const torch::Tensor x = contiguous_gradient(input);
  torch::Tensor a = split(run(query_, x, context));
  if (interaction_) {
    a = (*interaction_)(a, split(run(key_, x, context)), for_right(context, key_has_the_tokens_));
  }
  a = run(norm_, run(activation_, a, context), context);
  a = torch::dropout(a, dropout_, this->is_training());
  if (aggregation_) {
    a = (*aggregation_)(
        a, split(run(value_, x, context)), for_right(context, value_has_the_tokens_));
  }
  return run(output_, join(a), context).reshape(x.sizes());
}

template <class Kind>
torch::Tensor QueryKeyValue<Kind>::split(const torch::Tensor& operand) const {
  if (heads_ == 1) return operand;
  std::vector<int64_t> sizes = operand.sizes().vec();
  sizes.front() *= heads_;
  sizes.back() /= heads_;
  // [B, *grid, C] -> [B, N, h, d] -> [B, h, N, d] -> [B h, *grid, d]
  return flatten_grid(operand).unflatten(-1, {heads_, -1}).transpose(1, 2).reshape(sizes);
}

template <class Kind>
torch::Tensor QueryKeyValue<Kind>::join(const torch::Tensor& heads) const {
  if (heads_ == 1) return heads;
  std::vector<int64_t> sizes = heads.sizes().vec();
  sizes.front() /= heads_;
  sizes.back() *= heads_;
  // [B h, *grid, d] -> [B, h, N, d] -> [B, N, h, d] -> [B, *grid, C]
  return flatten_grid(heads).unflatten(0, {-1, heads_}).transpose(1, 2).reshape(sizes);
}

template <class Kind>
Shape QueryKeyValue<Kind>::of_one_head(const Shape& shape, const char* what) const {
  if (shape.channels % heads_ != 0) {
    throw Error("the " + std::string(what) + "'s " + std::to_string(shape.channels) +
                " channels do not divide into " + std::to_string(heads_) +
                " heads; give a divisor of them");
  }
  return shape.with_channels(shape.channels / heads_);
}

template class QueryKeyValue<TokenMixer>;
template class QueryKeyValue<ChannelMixer>;

}  // namespace mixwright::metamixer
