#include "window_attention.h"

namespace mixwright::attention {

namespace {

SelfAttentionOptions as_self_attention(const WindowAttentionOptions& options) {
  SelfAttentionOptions result;
  result.window = options.window;
  result.shift = options.shift;
  result.heads = options.heads;
  result.head_dim = options.head_dim;
  result.bias = options.bias;
  result.projection_bias = options.projection_bias;
  result.position_bias = options.position_bias;
  result.dropout = options.dropout;
  result.projection_dropout = options.projection_dropout;
  return result;
}

}  // namespace

WindowAttention::WindowAttention(const Options& options, const BuildContext& context)
    : SelfAttention(as_self_attention(options), context) {}

}  // namespace mixwright::attention
