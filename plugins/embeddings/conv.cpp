#include "conv.h"

#include <mixwright/inference.h>

#include "grid_sizes.h"

namespace mixwright::embeddings {

Conv::Conv(const Options& options, const BuildContext& context) {
  require_grid(context.shape);
  ConvolutionSizes sizes;
  sizes.in = context.shape.channels;
  sizes.out = options.dim.value_or(context.dim);
  sizes.kernel = grid_sizes(context.shape, options.kernel, options.kernels, "kernels");
  sizes.stride = grid_sizes(context.shape, options.stride, options.strides, "strides");
  if (options.padding || !options.paddings.empty()) {
    sizes.padding =
        grid_sizes(context.shape, options.padding.value_or(0), options.paddings, "paddings");
  }
  sizes.groups = options.groups;
  sizes.bias = options.bias;

  pre_norm_ = add(options.pre_norm, context);
  conv_ = register_module("conv", GridConvolution(sizes));
  Shape shape;
  shape.channels = sizes.out;
  shape.grid = conv_->out_grid(context.shape.grid);
  norm_ = add(options.norm, context.with_shape(shape));
  set_out_shape(shape);
}

torch::Tensor Conv::forward_in_context(const torch::Tensor& x, const Context& context) {
  return run(norm_, conv_->forward(run(pre_norm_, x, context)), context);
}

LayerPtr Conv::for_inference_within(const Surroundings& around) {
  return fused({pre_norm_, as_layer(conv_, out_shape()), norm_}, around);
}

}  // namespace mixwright::embeddings
