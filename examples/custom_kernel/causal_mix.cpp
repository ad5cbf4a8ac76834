#include "causal_mix.h"

#include <mixwright/parallel.h>

#include "causal_sizes.h"

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

namespace {

constexpr int64_t kLanes = 16;

/// The kernels of the best instruction set that this processor has.
struct Kernels {
  decltype(&causal::baseline::mix) mix = &causal::baseline::mix;
  decltype(&causal::baseline::weight_gradient) weight_gradient = &causal::baseline::weight_gradient;
};

Kernels best_kernels() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return {&causal::avx512::mix, &causal::avx512::weight_gradient};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return {&causal::avx2::mix, &causal::avx2::weight_gradient};
  }
#endif
  return {};
}

const Kernels& kernels() {
  static const Kernels chosen = best_kernels();
  return chosen;
}

CausalSizes sizes_of(const torch::Tensor& x, const torch::Tensor& weight) {
  return {x.size(1), x.size(2), weight.size(0)};
}

torch::Tensor mixed(const torch::Tensor& x, const torch::Tensor& weight, bool reversed) {
  const torch::Tensor in = x.contiguous();
  const torch::Tensor taps = weight.contiguous();
  torch::Tensor y = torch::empty_like(in);
  const CausalSizes sizes = sizes_of(in, taps);
  const int64_t sample = sizes.tokens * sizes.channels;
  const auto* from = in.const_data_ptr<float>();
  const auto* weights = taps.const_data_ptr<float>();
  auto* to = y.mutable_data_ptr<float>();
  mixwright::parallel_for(0, in.size(0), 4, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      kernels().mix(from + b * sample, weights, sizes, reversed, to + b * sample);
    }
  });
  return y;
}

/// Threads share the channels, so that the sums do not depend on their number.
torch::Tensor weight_gradient(const torch::Tensor& gradient,
                              const torch::Tensor& x,
                              const torch::Tensor& weight) {
  const torch::Tensor g = gradient.contiguous();
  torch::Tensor result = torch::empty(weight.sizes(), weight.options());
  const CausalSizes sizes = sizes_of(x, weight);
  const int64_t groups = (sizes.channels + kLanes - 1) / kLanes;
  const auto* gradients = g.const_data_ptr<float>();
  const auto* inputs = x.const_data_ptr<float>();
  auto* sums = result.mutable_data_ptr<float>();
  mixwright::parallel_for(0, groups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) {
      kernels().weight_gradient(gradients, inputs, x.size(0), sizes, group * kLanes, sums);
    }
  });
  return result;
}

struct CausalMix : torch::autograd::Function<CausalMix> {
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& x,
                               const torch::Tensor& weight) {
    const torch::Tensor in = x.contiguous();
    context->save_for_backward({in, weight});
    return mixed(in, weight, false);
  }

  /// The gradients by operations, for whoever asks for gradients of gradients.
  static tensor_list differentiable(const torch::Tensor& gradient,
                                    const torch::Tensor& x,
                                    const torch::Tensor& weight) {
    const int64_t tokens = x.size(1);
    const torch::Tensor dx = causal_mix_of_operations(gradient.flip(1), weight).flip(1);
    std::vector<torch::Tensor> taps;
    for (int64_t k = 0; k < weight.size(0); ++k) {
      const int64_t seen = std::max<int64_t>(tokens - k, 0);
      taps.push_back((gradient.narrow(1, tokens - seen, seen) * x.narrow(1, 0, seen)).sum({0, 1}));
    }
    return {dx, torch::stack(taps)};
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor& weight = saved[1];
    if (torch::GradMode::is_enabled()) return differentiable(gradients[0], x, weight);
    torch::Tensor dx;
    torch::Tensor dw;
    if (context->needs_input_grad(0)) dx = mixed(gradients[0], weight, true);
    if (context->needs_input_grad(1)) dw = weight_gradient(gradients[0], x, weight);
    return {dx, dw};
  }
};

}  // namespace

torch::Tensor causal_mix(const torch::Tensor& x, const torch::Tensor& weight) {
  if (!x.device().is_cpu() || x.scalar_type() != torch::kFloat32 || x.numel() == 0) {
    return causal_mix_of_operations(x, weight);
  }
  return CausalMix::apply(x, weight);
}

torch::Tensor causal_mix_of_operations(const torch::Tensor& x, const torch::Tensor& weight) {
  const int64_t tokens = x.size(1);
  torch::Tensor y = x * weight[0];
  for (int64_t k = 1; k < std::min(weight.size(0), tokens); ++k) {
    const torch::Tensor earlier = x.narrow(1, 0, tokens - k);
    y = y + torch::constant_pad_nd(earlier * weight[k], {0, 0, k, 0});
  }
  return y;
}
