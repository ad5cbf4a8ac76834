#include <cstdlib>
#include <optional>
#include <string_view>

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>

#include <mixwright/inference.h>
#include <mixwright/layers.h>

#include "onednn_products.h"
#include "tensor_values.h"

namespace mixwright {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Whether oneDNN multiplies faster here than what LibTorch asks, which is MKL: on processors of
/// other makers MKL leaves their widest instructions unused. Measured on two cores of an AMD EPYC
/// with AVX-512, [4096, 320] x [320, 960]: MKL 220 GFLOP/s, oneDNN 465.
bool onednn_is_faster() {
#if defined(__x86_64__)
  return at::hasMKL() && !__builtin_cpu_is("intel");
#else
  return false;
#endif
}

/// The environment may say which: MIXWRIGHT_PRODUCTS = onednn or libtorch.
bool onednn_is_wanted() {
  const char* said = std::getenv("MIXWRIGHT_PRODUCTS");
  const std::string_view name = said == nullptr ? "" : said;
  return name == "onednn" || (name != "libtorch" && onednn_is_faster());
}

/// Small products are no faster, and take a moment longer to ask for.
constexpr int64_t kFewestProducts = int64_t{64} * 64 * 64;

bool is_plain(const torch::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat &&
         tensor.is_contiguous();
}

bool goes_to_onednn(const torch::Tensor& x,
                    const torch::Tensor& weight,
                    const torch::Tensor& bias) {
  static const bool wanted = onednn_is_wanted();
  return wanted && onednn::is_available() && is_plain(x) && is_plain(weight) &&
         (!bias.defined() || is_plain(bias)) && !at::autocast::is_autocast_enabled(at::kCPU);
}

/// [rows, n] -> [n, rows].
torch::Tensor turned(const torch::Tensor& rows) {
  return transposed(rows.unsqueeze(0)).squeeze(0);
}

/// dW [out, in] = dy^T x of dy [rows, out] and x [rows, in]. oneDNN wants the left factor's rows
/// one after the other, so the narrower of the two is turned.
torch::Tensor weight_gradient(const torch::Tensor& dy, const torch::Tensor& x) {
  if (dy.size(1) <= x.size(1)) return onednn::linear(turned(dy), x.t(), {});
  return onednn::linear(turned(x), dy.t(), {}).t().contiguous();
}

struct LinearProduct : torch::autograd::Function<LinearProduct> {
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& x,
                               const torch::Tensor& weight,
                               const std::optional<torch::Tensor>& bias) {
    context->save_for_backward({x, weight});
    context->saved_data["bias"] = bias.has_value();
    return onednn::linear(x, weight, bias.value_or(torch::Tensor()));
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor& weight = saved[1];
    const torch::Tensor& dy = gradients[0];
    const torch::Tensor rows = dy.reshape({-1, dy.size(-1)});
    const torch::Tensor inputs = x.reshape({-1, x.size(-1)});
    // Gradients of gradients are asked for: what can be differentiated again.
    const bool again = torch::GradMode::is_enabled();
    tensor_list result(3);
    if (context->needs_input_grad(0)) {
      result[0] = again ? torch::matmul(dy, weight)
                        : onednn::linear(rows.contiguous(), weight.t(), {}).view(x.sizes());
    }
    if (context->needs_input_grad(1)) {
      result[1] = again ? torch::mm(rows.t(), inputs) : weight_gradient(rows.contiguous(), inputs);
    }
    const bool has_bias = context->saved_data["bias"].toBool();
    if (has_bias && context->needs_input_grad(2)) result[2] = rows.sum(0);
    return result;
  }
};

/// y[b] = W x[b] for each sample, without turning anything: x[b] stands where oneDNN expects a
/// weight, of which it takes any layout.
torch::Tensor for_each_sample(const torch::Tensor& weight, const torch::Tensor& x) {
  torch::Tensor y = torch::empty({x.size(0), weight.size(0), x.size(2)}, x.options());
  for (int64_t b = 0; b < x.size(0); ++b) {
    y.select(0, b).copy_(onednn::linear(weight, x.select(0, b).t(), {}));
  }
  return y;
}

/// y[b] = W x[b] + bias for x [B, N, C], W [out, N], bias [out].
struct TokenProduct : torch::autograd::Function<TokenProduct> {
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& x,
                               const torch::Tensor& weight,
                               const std::optional<torch::Tensor>& bias) {
    context->save_for_backward({x, weight});
    context->saved_data["bias"] = bias.has_value();
    torch::Tensor y = for_each_sample(weight, x);
    return bias ? y.add_(bias->view({1, -1, 1})) : y;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const tensor_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor& weight = saved[1];
    const bool again = torch::GradMode::is_enabled();  // gradients of gradients
    const torch::Tensor dy = again ? gradients[0] : gradients[0].contiguous();
    tensor_list result(3);
    if (context->needs_input_grad(0)) {
      result[0] =
          again ? torch::matmul(weight.t(), dy) : for_each_sample(weight.t().contiguous(), dy);
    }
    if (context->needs_input_grad(1)) {
      if (again) {
        result[1] = torch::bmm(dy, x.transpose(1, 2)).sum(0);
      } else {
        result[1] = torch::zeros_like(weight);
        for (int64_t b = 0; b < x.size(0); ++b) {  // dy[b] x[b]^T, [out, C] x [N, C]^T
          result[1].add_(onednn::linear(dy.select(0, b), x.select(0, b), {}));
        }
      }
    }
    const bool has_bias = context->saved_data["bias"].toBool();
    if (has_bias && context->needs_input_grad(2)) result[2] = dy.sum(torch::IntArrayRef({0, 2}));
    return result;
  }
};

/// For smaller ones a call for each sample costs more than it saves.
constexpr int64_t kFewestOfSample = int64_t{4} * 1024 * 1024;

}  // namespace

torch::Tensor apply_linear(const torch::Tensor& x,
                           const torch::Tensor& weight,
                           const torch::Tensor& bias) {
  const bool is_large = x.numel() * weight.size(0) >= kFewestProducts;
  if (!is_large || x.dim() < 2 || x.size(-1) != weight.size(1) ||
      !goes_to_onednn(x, weight, bias)) {
    return torch::linear(x, weight, bias);
  }
  return LinearProduct::apply(x, weight, if_defined(bias));
}

torch::Tensor apply_linear(const torch::Tensor& x, const torch::nn::Linear& layer) {
  return apply_linear(x, layer->weight, layer->bias);
}

torch::Tensor apply_linear_to_tokens(const torch::Tensor& x,
                                     const torch::Tensor& weight,
                                     const torch::Tensor& bias) {
  const bool is_large = x.size(1) * x.size(2) * weight.size(0) >= kFewestOfSample;
  if (is_large && x.size(1) == weight.size(1) && goes_to_onednn(x, weight, bias)) {
    return TokenProduct::apply(x, weight, if_defined(bias));
  }
  // One product per sample against the same weight: nothing is transposed in memory, and the
  // result is contiguous. matmul(W, x) would copy x and the result while training.
  const torch::Tensor shared = weight.unsqueeze(0).expand({x.size(0), -1, -1});
  if (!bias.defined()) return torch::bmm(shared, x);        // [B, out, N] x [B, N, C]
  return torch::baddbmm(bias.view({1, -1, 1}), shared, x);  // -> [B, out, C]
}

}  // namespace mixwright
