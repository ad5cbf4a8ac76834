#include "ffnified_attention.h"

#include <mixwright/inference.h>
#include <mixwright/layers.h>

namespace mixwright::attention {

namespace {

/// The kernels as a component: `{ type = "depthwise_conv", kernel = 7, ... }`.
ConfigValue kernels(const FfnifiedAttentionOptions& options) {
  ConfigValue table = ConfigValue::table();
  table.set("type", "depthwise_conv");
  table.set("kernel", options.kernel);
  if (!options.side_kernel) return table;
  ConfigValue side = ConfigValue::table();
  side.set("kernel", *options.side_kernel);
  side.set("norm", "batch_norm");
  table.set("bias", false);
  table.set("norm", "batch_norm");
  table.set("side", ConfigValue(ConfigValue::Array{side}));
  return table;
}

}  // namespace

FfnifiedAttention::FfnifiedAttention(const Options& options, const BuildContext& context) {
  require_plain_grid(context.shape, "a convolution");
  const int64_t channels = context.shape.channels;
  query_ = register_module(
      "query",
      torch::nn::Linear(torch::nn::LinearOptions(channels, channels).bias(options.query_bias)));
  norm_ = add(options.norm, context);
  const Component<TokenMixer> kernel(kernels(options));
  interaction_ = add("interaction", kernel, context);
  activation_ = add(options.activation, context);
  aggregation_ = add("aggregation", kernel, context);
}

torch::Tensor FfnifiedAttention::forward_in_context(const torch::Tensor& x,
                                                    const Context& context) {
  const torch::Tensor query = run(norm_, apply_linear(x, query_), context);
  const torch::Tensor coefficients = run(activation_, run(interaction_, query, context), context);
  return run(aggregation_, coefficients, context);
}

LayerPtr FfnifiedAttention::for_inference_within(const Surroundings& around) {
  return fused({as_layer(query_->weight, query_->bias, out_shape()),
                norm_,
                interaction_,
                activation_,
                aggregation_},
               around);
}

}  // namespace mixwright::attention
