#include "depthwise_branches.h"

#include <string>

#include <mixwright/error.h>

#include "kernel_sizes.h"
#include "merged_depthwise.h"

namespace mixwright::convolution {

template <class Kind>
void DepthwiseBranches<Kind>::build(const DepthwiseConvOptions& options,
                                    const BuildContext& context,
                                    int64_t out,
                                    int64_t stride) {
  const Shape& shape = context.shape;
  const auto convolution = [&](int64_t kernel, const std::vector<int64_t>& kernels, bool bias) {
    ConvolutionSizes sizes;
    sizes.in = shape.channels;
    sizes.out = out;
    sizes.kernel = kernel_sizes(kernel, kernels, shape);
    sizes.stride.assign(shape.grid.size(), stride);
    sizes.groups = shape.channels;
    sizes.bias = bias;
    return GridConvolution(sizes);
  };
  auto conv =
      this->register_module("conv", convolution(options.kernel, options.kernels, options.bias));
  this->set_out_shape(shape.with_channels(out).with_grid(conv->out_grid(shape.grid)));
  const auto behind = context.with_shape(this->out_shape());
  branches_.push_back({conv, this->add(options.norm, behind)});

  if (!options.side.empty()) {
    const auto sides = this->register_module("side", std::make_shared<torch::nn::Module>());
    for (size_t i = 0; i < options.side.size(); ++i) {
      const SideOptions& side = options.side[i];
      const std::string name = std::to_string(i);
      const auto module = sides->register_module(name, std::make_shared<torch::nn::Module>());
      Branch branch;
      branch.conv =
          module->register_module("conv", convolution(side.kernel, side.kernels, side.bias));
      branch.norm = side.norm.build(behind.below("side." + name));
      if (branch.norm) module->register_module("norm", branch.norm);
      branches_.push_back(branch);
    }
  }
  identity_ = options.identity;
  if (identity_ && !(this->out_shape() == shape)) {
    throw Error("identity = true adds the input " + shape.text() + " to the sum " +
                this->out_shape().text() +
                ", which must be equal; leave it out, or keep stride 1 and the channels");
  }
  sum_norm_ = this->add(options.sum_norm, behind);
}

template <class Kind>
torch::Tensor DepthwiseBranches<Kind>::sum_of_branches(const torch::Tensor& x,
                                                       const Context& context) {
  torch::Tensor sum;
  for (Branch& branch : branches_) {
    const torch::Tensor y = run(branch.norm, branch.conv(x), context);
    sum = sum.defined() ? sum + y : y;
  }
  if (identity_) sum = sum + x;
  return run(sum_norm_, sum, context);
}

template <class Kind>
LayerPtr DepthwiseBranches<Kind>::for_inference_within(const Surroundings& around) {
  const GridConvolution& main = branches_.front().conv;
  DepthwiseSum sum(main->sizes(), main->weight.options());
  for (const Branch& branch : branches_) {
    if (!sum.add(branch.conv, branch.norm)) return nullptr;
  }
  if (identity_) sum.add_identity();
  if (!sum.apply(sum_norm_)) return nullptr;
  return sum.merged(this->out_shape(), around);
}

template class DepthwiseBranches<TokenMixer>;
template class DepthwiseBranches<Embedding>;

}  // namespace mixwright::convolution
