#include "dot_product.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <mixwright/error.h>
#include <mixwright/layers.h>

#include "rows.h"

namespace mixwright::metamixer {

namespace {

/// Finite, so that a row without any key stays a number. float32 and float64 hold bfloat16's lowest
/// number, too.
torch::Tensor forbid(const torch::Tensor& scores, const torch::Tensor& where) {
  const float lowest = scores.scalar_type() == torch::kFloat16
                           ? static_cast<float>(std::numeric_limits<c10::Half>::lowest())
                           : static_cast<float>(std::numeric_limits<c10::BFloat16>::lowest());
  return scores.masked_fill(where, lowest);
}

/// Keys [B, *grid] that are no tokens left out of scores [B h, *grid, S].
torch::Tensor without_padding(const torch::Tensor& scores, const torch::Tensor& mask) {
  const int64_t batch = mask.size(0);
  const int64_t keys = mask.numel() / std::max<int64_t>(1, batch);
  if (keys != scores.size(-1) || scores.size(0) % std::max<int64_t>(1, batch) != 0) {
    throw Error("padding mask " + list_text(mask.sizes().vec()) + " does not fit scores " +
                list_text(scores.sizes().vec()));
  }
  const torch::Tensor absent = mask.to(torch::kBool).logical_not().reshape({batch, 1, keys});
  return forbid(scores.view({batch, -1, keys}), absent).view(scores.sizes());
}

}  // namespace

DotProduct::DotProduct(const Options& options, const BuildContext& context)
    : scale_(options.scaled ? 1 / std::sqrt(static_cast<double>(context.shape.channels)) : 1) {
  const Shape& key = right_shape(context);
  if (key.channels != context.shape.channels) {
    throw Error("the query has " + std::to_string(context.shape.channels) + " channels, the key " +
                std::to_string(key.channels) + "; a dot product takes as many of each");
  }
  if (options.bias) bias_ = register_parameter("bias", torch::zeros({key.tokens()}));
  set_out_shape(context.shape.with_channels(key.tokens()));
}

torch::Tensor DotProduct::forward_in_context(const torch::Tensor& query,
                                             const torch::Tensor& key,
                                             const Context& context) {
  const torch::Tensor keys = flatten_grid(key).transpose(1, 2);  // [R, d, S]
  torch::Tensor scores = times_rows(scale_ == 1 ? query : query * scale_, keys);
  if (bias_.defined()) {
    if (bias_.size(0) != scores.size(-1)) {
      throw Error("key " + list_text(key.sizes().vec()) + " has " +
                  std::to_string(scores.size(-1)) + " tokens, the bias was built for " +
                  std::to_string(bias_.size(0)) + "; leave out bias for keys made of the input");
    }
    scores = scores + bias_.to(scores.scalar_type());
  }
  return context.padding_mask.defined() ? without_padding(scores, context.padding_mask) : scores;
}

CausalDotProduct::CausalDotProduct(const Options& options, const BuildContext& context)
    : DotProduct(options, context) {
  if (right_shape(context).tokens() == context.shape.tokens()) return;
  throw Error("the query has " + std::to_string(context.shape.tokens()) + " tokens, the key " +
              std::to_string(right_shape(context).tokens()) +
              "; what is later is said of as many of each alone");
}

torch::Tensor CausalDotProduct::forward_in_context(const torch::Tensor& query,
                                                   const torch::Tensor& key,
                                                   const Context& context) {
  const torch::Tensor scores = DotProduct::forward_in_context(query, key, context);
  const torch::Tensor flat = flatten_grid(scores);  // [B, N, S]
  if (flat.size(1) != flat.size(2)) {
    throw Error("scores " + list_text(scores.sizes().vec()) +
                " have not as many keys as tokens of the query");
  }
  const torch::Tensor later =
      torch::ones({flat.size(1), flat.size(2)}, flat.options().dtype(torch::kBool)).triu(1);
  return forbid(flat, later).view(scores.sizes());
}

}  // namespace mixwright::metamixer
