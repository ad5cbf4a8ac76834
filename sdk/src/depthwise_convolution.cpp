#include "depthwise_convolution.h"

#include <algorithm>
#include <array>
#include <optional>

#include <ATen/autocast_mode.h>

#include <mixwright/parallel.h>

#include "depthwise_sizes.h"
#include "instruction_set.h"
#include "tensor_values.h"

namespace mixwright {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr int64_t kLargestKernel = 11;

/// The kernel of the best instruction set that this processor has.
template <class Value>
using Gradient = void (*)(const Value* gradient,
                          const Value* input,
                          const DepthwiseSizes&,
                          int64_t first,
                          float* scratch,
                          float* result);

template <class Value>
Gradient<Value> best_gradient() {
#if defined(__x86_64__)
  const InstructionSet widest = widest_instruction_set();
  if (widest == InstructionSet::kAvx512) {
    return static_cast<Gradient<Value>>(&avx512::depthwise_gradient);
  }
  if (widest == InstructionSet::kAvx2) {
    return static_cast<Gradient<Value>>(&avx2::depthwise_gradient);
  }
#endif
  return static_cast<Gradient<Value>>(&baseline::depthwise_gradient);
}

template <class Value>
void run_gradient(const void* gradient,
                  const void* input,
                  const DepthwiseSizes& sizes,
                  float* result) {
  static const Gradient<Value> compute = best_gradient<Value>();
  const int64_t blocks = (sizes.channels + kLaneChannels - 1) / kLaneChannels;
  parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scratch(static_cast<size_t>(depthwise_scratch(sizes)));
    for (int64_t block = begin; block < end; ++block) {
      std::fill(scratch.begin(), scratch.end(), 0.0F);
      compute(static_cast<const Value*>(gradient),
              static_cast<const Value*>(input),
              sizes,
              block * kLaneChannels,
              scratch.data(),
              result);
    }
  });
}

/// [B, C, H, W] of both -> [C, 1, kernel height, kernel width] float32.
torch::Tensor weight_gradient(const torch::Tensor& gradient,
                              const torch::Tensor& x,
                              const torch::Tensor& weight,
                              const std::vector<int64_t>& padding) {
  const torch::Tensor g = gradient.contiguous(at::MemoryFormat::ChannelsLast);
  const torch::Tensor in = x.contiguous(at::MemoryFormat::ChannelsLast);
  const DepthwiseSizes sizes{x.size(0),
                             x.size(2),
                             x.size(3),
                             x.size(1),
                             weight.size(2),
                             weight.size(3),
                             padding[0],
                             padding[1]};
  torch::Tensor result = torch::empty(weight.sizes(), x.options().dtype(torch::kFloat));
  if (x.scalar_type() == torch::kBFloat16) {
    run_gradient<uint16_t>(
        g.const_data_ptr(), in.const_data_ptr(), sizes, result.mutable_data_ptr<float>());
  } else {
    run_gradient<float>(
        g.const_data_ptr(), in.const_data_ptr(), sizes, result.mutable_data_ptr<float>());
  }
  return result;
}

struct DepthwiseConvolution : torch::autograd::Function<DepthwiseConvolution> {
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& x,
                               const torch::Tensor& weight,
                               const std::optional<torch::Tensor>& bias,
                               const std::vector<int64_t>& padding) {
    context->save_for_backward({x, weight});
    context->saved_data["padding"] = padding;
    context->saved_data["bias"] = bias.has_value();
    return torch::conv2d(x, weight, bias, 1, padding, 1, x.size(1));
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor& weight = saved[1];
    const torch::Tensor& g = gradients[0];
    const std::vector<int64_t> padding = context->saved_data["padding"].toIntVector();
    const bool has_bias = context->saved_data["bias"].toBool();
    const std::array<bool, 3> wanted = {context->needs_input_grad(0),
                                        context->needs_input_grad(1),
                                        has_bias && context->needs_input_grad(2)};
    // Gradients of gradients are asked for: what can be differentiated again.
    if (torch::GradMode::is_enabled()) {
      const auto [dx, dw, db] = torch::convolution_backward(g,
                                                            x,
                                                            weight,
                                                            c10::IntArrayRef{x.size(1)},
                                                            {1, 1},
                                                            padding,
                                                            {1, 1},
                                                            false,
                                                            {0, 0},
                                                            x.size(1),
                                                            wanted);
      return {dx, dw, db, {}};
    }
    torch::Tensor dx;
    torch::Tensor dw;
    torch::Tensor db;
    if (wanted[0]) {
      dx = torch::conv2d(g, weight.flip({2, 3}), {}, 1, padding, 1, x.size(1));
    }
    if (wanted[1]) dw = weight_gradient(g, x, weight, padding).to(weight.scalar_type());
    if (wanted[2]) db = g.sum({0, 2, 3});
    return {dx, dw, db, {}};
  }
};

bool is_odd_and_kept(int64_t kernel, int64_t padding) {
  return kernel % 2 == 1 && kernel <= kLargestKernel && padding == (kernel - 1) / 2;
}

}  // namespace

bool has_fast_depthwise(const torch::Tensor& x,
                        const torch::Tensor& weight,
                        const std::vector<int64_t>& stride,
                        const std::vector<int64_t>& padding) {
  const auto type = x.scalar_type();
  return torch::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad()) &&
         x.device().is_cpu() && (type == torch::kFloat || type == torch::kBFloat16) &&
         x.numel() > 0 && weight.size(0) == x.size(1) && weight.size(1) == 1 &&
         std::all_of(stride.begin(), stride.end(), [](int64_t step) { return step == 1; }) &&
         is_odd_and_kept(weight.size(2), padding[0]) && is_odd_and_kept(weight.size(3), padding[1]);
}

torch::Tensor depthwise_convolution(const torch::Tensor& x,
                                    const torch::Tensor& weight,
                                    const torch::Tensor& bias,
                                    const std::vector<int64_t>& padding) {
  std::optional<torch::Tensor> given = if_defined(bias);
  if (!at::autocast::is_autocast_enabled(at::kCPU)) {
    return DepthwiseConvolution::apply(x, weight, given, padding);
  }
  // Cast here and not within, where the backward would not know of it.
  const at::ScalarType type = at::autocast::get_autocast_dtype(at::kCPU);
  if (given) given = given->to(type);
  const torch::Tensor cast_x = x.to(type);
  const torch::Tensor cast_weight = weight.to(type);
  const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::DispatchKey::AutocastCPU);
  return DepthwiseConvolution::apply(cast_x, cast_weight, given, padding);
}

}  // namespace mixwright
