#include "moving_average.h"

#include <cmath>

#include <mixwright/layers.h>

#if defined(MIXWRIGHT_CUDA)
#include "average_kernel.h"

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

namespace {

AverageSizes sizes_of(const torch::Tensor& x) {
  return {x.size(0), x.size(1), x.size(2)};
}

struct AverageOnGpu : torch::autograd::Function<AverageOnGpu> {
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& x,
                               const torch::Tensor& share) {
    torch::Tensor y = torch::empty_like(x);
    average_on_gpu(x.get_device(),
                   x.const_data_ptr<float>(),
                   share.const_data_ptr<float>(),
                   sizes_of(x),
                   y.mutable_data_ptr<float>());
    context->save_for_backward({x, share, y});
    return y;
  }

  /// The gradients by operations, for whoever asks for gradients of gradients.
  static tensor_list differentiable(const AutogradContext& context,
                                    const tensor_list& saved,
                                    const tensor_list& gradients) {
    tensor_list wanted;
    for (size_t i = 0; i < 2; ++i) {
      if (context.needs_input_grad(i)) wanted.push_back(saved[i]);
    }
    const tensor_list found = torch::autograd::grad({average_of_operations(saved[0], saved[1])},
                                                    wanted,
                                                    gradients,
                                                    /*retain_graph=*/true,
                                                    /*create_graph=*/true);
    tensor_list result(2);
    for (size_t i = 0, next = 0; i < 2; ++i) {
      if (context.needs_input_grad(i)) result[i] = found[next++];
    }
    return result;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    if (torch::GradMode::is_enabled()) return differentiable(*context, saved, gradients);
    const torch::Tensor& x = saved[0];
    const torch::Tensor& share = saved[1];
    const torch::Tensor gradient = gradients[0].contiguous();
    torch::Tensor dx = torch::empty_like(x);
    torch::Tensor of_samples = torch::empty({x.size(0), x.size(2)}, x.options());
    average_gradient_on_gpu(x.get_device(),
                            gradient.const_data_ptr<float>(),
                            x.const_data_ptr<float>(),
                            saved[2].const_data_ptr<float>(),
                            share.const_data_ptr<float>(),
                            sizes_of(x),
                            dx.mutable_data_ptr<float>(),
                            of_samples.mutable_data_ptr<float>());
    return {dx, of_samples.sum(0)};
  }
};

}  // namespace
#endif

torch::Tensor moving_average(const torch::Tensor& x, const torch::Tensor& share) {
#if defined(MIXWRIGHT_CUDA)
  if (x.is_cuda() && share.device() == x.device() && x.scalar_type() == torch::kFloat32 &&
      share.scalar_type() == torch::kFloat32 && x.numel() > 0) {
    return AverageOnGpu::apply(x.contiguous(), share.contiguous());
  }
#endif
  return average_of_operations(x, share);
}

torch::Tensor average_of_operations(const torch::Tensor& x, const torch::Tensor& share) {
  std::vector<torch::Tensor> means;
  for (const torch::Tensor& token : x.unbind(1)) {
    const torch::Tensor own = token * share;
    means.push_back(means.empty() ? own : own + means.back() * (1 - share));
  }
  return torch::stack(means, 1);
}

MovingAverage::MovingAverage(const Options& options, const mixwright::BuildContext& context) {
  const double decay = std::log(options.share / (1 - options.share));
  decay_ = register_parameter("decay", torch::full({context.shape.channels}, decay));
}

torch::Tensor MovingAverage::forward(const torch::Tensor& x) {
  const torch::Tensor tokens = mixwright::flatten_grid(x);  // [B, N, C]
  // 16-bit floats are averaged in float32.
  const bool is_short = x.element_size() < 4;
  const auto type = is_short ? torch::kFloat32 : x.scalar_type();
  return moving_average(tokens.to(type), decay_.to(type).sigmoid())
      .to(x.scalar_type())
      .view(x.sizes());
}

MIXWRIGHT_PLUGIN(
    "cuda_kernel",
    "0.1.0",
    "Apache-2.0",
    token_mixer<MovingAverage>("moving_average",
                               "a forgetting mean over earlier tokens, channel by channel",
                               "arXiv:2209.10655")
        .needs(mixwright::kCausal))
