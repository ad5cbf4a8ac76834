#include "component_name.h"

#include <mixwright/error.h>

ComponentName::ComponentName(const Options& options, const mixwright::BuildContext& context)
    : sharpness_(register_parameter("sharpness", torch::full({1}, options.sharpness))) {
  const mixwright::Shape& key = right_shape(context);  // context.shape is the query's
  if (key.channels != context.shape.channels) {
    throw mixwright::Error("query " + context.shape.text() + " and key " + key.text() +
                           " have different channels");
  }
  set_out_shape(context.shape.with_channels(key.tokens()));
}

torch::Tensor ComponentName::forward(const torch::Tensor& query, const torch::Tensor& key) {
  // Row b of the query meets row b mod R of the key: [B, *grid, d] -> [B / R, R, N, d]
  const torch::Tensor q = query.flatten(1, -2).unflatten(0, {-1, key.size(0)});
  const torch::Tensor k = key.flatten(1, -2);  // [R, S, d]
  // |q - k|^2 = |q|^2 - 2 q . k + |k|^2: [B / R, R, N, S]
  const torch::Tensor squares = q.square().sum(-1, /*keepdim=*/true) -
                                2 * torch::matmul(q, k.transpose(1, 2)) +
                                k.square().sum(-1).unsqueeze(1);
  std::vector<int64_t> sizes = query.sizes().vec();
  sizes.back() = k.size(1);
  // Under autocast the operands may be bfloat16; the answer keeps their type.
  return (-sharpness_ * squares).to(query.scalar_type()).view(sizes);
}

MIXWRIGHT_PLUGIN("component_name",
                 "0.1.0",
                 "Apache-2.0",
                 interaction<ComponentName>("component_name",
                                            "scores by how near query and key are",
                                            "your paper"))
