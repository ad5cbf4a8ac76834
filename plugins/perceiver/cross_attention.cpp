#include "cross_attention.h"

#include <string>

#include <mixwright/attention.h>
#include <mixwright/error.h>

namespace mixwright::perceiver {

namespace {

void require_divisible(const char* option, int64_t width, int64_t heads) {
  if (width % heads == 0) return;
  throw Error(std::string(option) + " = " + std::to_string(width) + " does not divide into " +
              std::to_string(heads) + " heads; give heads that do, or another " + option);
}

/// [B, T, heads x d] -> [B, heads, T, d], a view.
torch::Tensor split_heads(const torch::Tensor& x, int64_t heads) {
  return x.unflatten(-1, {heads, -1}).transpose(1, 2);
}

}  // namespace

CrossAttention::CrossAttention(const CrossAttentionOptions& options,
                               const Shape& queries,
                               const Shape& input,
                               const BuildContext& context)
    : heads_(options.heads),
      qk_dim_(options.qk_dim.value_or(input.channels)),
      residual_(options.residual),
      dropout_(options.dropout) {
  const int64_t v_dim = options.v_dim.value_or(qk_dim_);
  require_divisible("qk_dim", qk_dim_, heads_);
  require_divisible("v_dim", v_dim, heads_);
  const auto linear = [&](const char* name, int64_t in, int64_t out) {
    return register_module(name,
                           torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(options.bias)));
  };
  const BuildContext outer = context.with_shape(queries);
  norm1_ = add("norm1", options.norm, outer);
  input_norm_ = add("input_norm", options.norm, context.with_shape(input));
  query_ = linear("query", queries.channels, qk_dim_);
  kv_ = linear("kv", input.channels, qk_dim_ + v_dim);
  proj_ = linear("proj", v_dim, queries.channels);
  if (!options.channel_mixer) return;
  norm2_ = add("norm2", options.norm, outer);
  channel_mixer_ = add(options.channel_mixer, outer);
}

torch::Tensor CrossAttention::attend(const torch::Tensor& queries, const torch::Tensor& input) {
  const Context context;
  const torch::Tensor z = run(input_norm_, input, context);
  const torch::Tensor q = query_(run(norm1_, queries, context)).expand({z.size(0), -1, -1});
  const torch::Tensor kv = kv_(z);
  const torch::Tensor y = mixwright::attend(split_heads(q, heads_),
                                            split_heads(kv.narrow(-1, 0, qk_dim_), heads_),
                                            split_heads(kv.slice(-1, qk_dim_), heads_),
                                            std::nullopt,
                                            is_training() ? dropout_ : 0.0);
  return proj_(y.transpose(1, 2).flatten(2));  // [B, heads, M, d] -> [B, M, heads x d]
}

torch::Tensor CrossAttention::forward(const torch::Tensor& queries, const torch::Tensor& input) {
  const Context context;
  torch::Tensor y = attend(queries, input);
  if (residual_) y = queries + y;
  if (!channel_mixer_) return y;
  return y + run(channel_mixer_, run(norm2_, y, context), context);
}

}  // namespace mixwright::perceiver
