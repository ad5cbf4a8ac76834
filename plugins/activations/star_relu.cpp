#include "star_relu.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <mixwright/parallel.h>

#include "star_relu_kernel.h"

namespace mixwright::activations {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr int64_t kPiece = 16384;  // values that a thread takes at a time, and that one sum is over

template <class Value>
Value* values(const torch::Tensor& x) {
  return static_cast<Value*>(x.data_ptr());
}

/// Calls body(begin, size, piece) for every piece of x.
template <class Body>
void each_piece(const torch::Tensor& x, const Body& body) {
  const int64_t size = x.numel();
  parallel_for(0, (size + kPiece - 1) / kPiece, 4, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) {
      const int64_t first = piece * kPiece;
      body(first, std::min(kPiece, size - first), static_cast<size_t>(piece));
    }
  });
}

template <class Value>
void run_forward(const torch::Tensor& x, float scale, float bias, const torch::Tensor& y) {
  each_piece(x, [&](int64_t first, int64_t size, size_t) {
    star_relu(values<Value>(x) + first, size, scale, bias, values<Value>(y) + first);
  });
}

/// Gradient of x into dx; those of scale and bias, summed piece after piece whatever the threads.
template <class Value>
std::pair<double, double> run_backward(const torch::Tensor& x,
                                       const torch::Tensor& g,
                                       float scale,
                                       const torch::Tensor& dx) {
  std::vector<StarReluSums> sums(static_cast<size_t>((x.numel() + kPiece - 1) / kPiece));
  each_piece(x, [&](int64_t first, int64_t size, size_t piece) {
    sums[piece] = star_relu_gradient(
        values<Value>(x) + first, values<Value>(g) + first, size, scale, values<Value>(dx) + first);
  });
  std::pair<double, double> total{0, 0};
  for (const StarReluSums& sum : sums) {
    total.first += sum.scale;
    total.second += sum.bias;
  }
  return total;
}

struct InOnePass : torch::autograd::Function<InOnePass> {
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& x,
                               const torch::Tensor& scale,
                               const torch::Tensor& bias) {
    context->save_for_backward({x, scale});
    if (x.is_meta()) return torch::relu(x);  // an operation that drawings see
    torch::Tensor y = torch::empty_like(x);
    const auto run =
        x.scalar_type() == torch::kFloat ? &run_forward<float> : &run_forward<uint16_t>;
    run(x, scale.item<float>(), bias.item<float>(), y);
    return y;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor& scale = saved[1];
    const torch::Tensor g = gradients[0].contiguous();
    // Gradients of gradients are asked for: what can be differentiated again.
    if (torch::GradMode::is_enabled() || x.is_meta()) {
      const torch::Tensor p = torch::relu(x);
      return {g * (2 * scale * p), (g * p.square()).sum().view({1}), g.sum().view({1})};
    }
    const torch::Tensor dx = torch::empty_like(x);
    const auto run =
        x.scalar_type() == torch::kFloat ? &run_backward<float> : &run_backward<uint16_t>;
    const auto [squares, plain] = run(x, g, scale.item<float>(), dx);
    return {dx,
            torch::full({1}, squares, scale.options().requires_grad(false)),
            torch::full({1}, plain, scale.options().requires_grad(false))};
  }
};

/// On the meta device, too: a summary without values counts what training will keep.
bool goes_in_one_pass(const torch::Tensor& x) {
  const auto type = x.scalar_type();
  return (x.device().is_cpu() || x.is_meta()) && x.is_contiguous() &&
         (type == torch::kFloat || type == torch::kBFloat16);
}

}  // namespace

StarRelu::StarRelu(const Options& options)
    : scale_(register_parameter("scale", torch::full({1}, options.scale))),
      bias_(register_parameter("bias", torch::full({1}, options.bias))) {}

torch::Tensor StarRelu::forward(const torch::Tensor& x) {
  if (goes_in_one_pass(x)) return InOnePass::apply(x, scale_, bias_);
  return torch::addcmul(bias_, torch::relu(x).square(), scale_);
}

}  // namespace mixwright::activations
