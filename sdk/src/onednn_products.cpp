#include "onednn_products.h"

#include <map>
#include <optional>

#include <ATen/core/dispatch/Dispatcher.h>

#include "tensor_values.h"

namespace mixwright::onednn {

namespace {

using OptionalTensor = std::optional<at::Tensor>;
using Scalars = c10::List<std::optional<at::Scalar>>;
using Text = std::string_view;
using OptionalText = std::optional<std::string_view>;

using Linear = at::Tensor(
    const at::Tensor&, const at::Tensor&, const OptionalTensor&, Text, Scalars, OptionalText);
using LinearPlus = at::Tensor(
    const at::Tensor&, const at::Tensor&, const at::Tensor&, const OptionalTensor&, Text);
using Convolution = at::Tensor(const at::Tensor&,
                               const at::Tensor&,
                               const OptionalTensor&,
                               at::IntArrayRef,
                               at::IntArrayRef,
                               at::IntArrayRef,
                               int64_t,
                               Text,
                               Scalars,
                               OptionalText);
using PackLinear = at::Tensor(const at::Tensor&, std::optional<int64_t>);
using PackConvolution = at::Tensor(const at::Tensor&,
                                   at::IntArrayRef,
                                   at::IntArrayRef,
                                   at::IntArrayRef,
                                   int64_t,
                                   at::OptionalIntArrayRef);

constexpr const char* kLinear = "mkldnn::_linear_pointwise";
constexpr const char* kConvolution = "mkldnn::_convolution_pointwise";
constexpr const char* kPackLinear = "mkldnn::_reorder_linear_weight";
constexpr const char* kPackConvolution = "mkldnn::_reorder_convolution_weight";

constexpr const char* kSum = "binary";  // the overload with a second tensor

bool exists(const char* name, const char* overload = "") {
  return c10::Dispatcher::singleton().findSchema({name, overload}).has_value();
}

template <class Signature>
c10::TypedOperatorHandle<Signature> find(const char* name, const char* overload = "") {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, overload).typed<Signature>();
}

/// oneDNN's word for a function, and LibTorch's for its variant.
struct PostOperation {
  const char* name;
  const char* algorithm;
};

const std::map<std::string, PostOperation>& post_operations() {
  static const std::map<std::string, PostOperation> operations = {
      {"", {"none", ""}},
      {"gelu", {"gelu", "none"}},
      {"gelu_tanh", {"gelu", "tanh"}},
      {"relu", {"relu", ""}},
      {"sigmoid", {"sigmoid", ""}},
      {"tanh", {"tanh", ""}},
      {"silu", {"swish", ""}},
      {"hard_swish", {"hardswish", ""}},
      {"hard_sigmoid", {"hardsigmoid", ""}}};
  return operations;
}

}  // namespace

bool is_available() {
  static const bool exist = exists(kLinear) && exists(kLinear, kSum) && exists(kConvolution) &&
                            exists(kPackLinear) && exists(kPackConvolution);
  return exist && at::globalContext().userEnabledMkldnn();
}

bool has_function(const std::string& function) {
  return post_operations().contains(function);
}

torch::Tensor pack_linear(const torch::Tensor& weight) {
  static const auto pack = find<PackLinear>(kPackLinear);
  return pack.call(weight, std::nullopt);
}

torch::Tensor linear(const torch::Tensor& x,
                     const torch::Tensor& weight,
                     const torch::Tensor& bias,
                     const std::string& function) {
  static const auto product = find<Linear>(kLinear);
  const PostOperation post = post_operations().at(function);
  return product.call(x, weight, if_defined(bias), post.name, Scalars(), post.algorithm);
}

torch::Tensor linear_plus(const torch::Tensor& sum,
                          const torch::Tensor& x,
                          const torch::Tensor& weight,
                          const torch::Tensor& bias) {
  static const auto product = find<LinearPlus>(kLinear, kSum);
  return product.call(x, sum, weight, if_defined(bias), "add");
}

torch::Tensor pack_convolution(const torch::Tensor& weight, const PictureConvolution& sizes) {
  static const auto pack = find<PackConvolution>(kPackConvolution);
  const std::vector<int64_t> dilation = {1, 1};
  return pack.call(weight, sizes.padding, sizes.stride, dilation, sizes.groups, std::nullopt);
}

torch::Tensor convolution(const torch::Tensor& x,
                          const torch::Tensor& weight,
                          const torch::Tensor& bias,
                          const PictureConvolution& sizes,
                          const std::string& function) {
  static const auto product = find<Convolution>(kConvolution);
  const PostOperation post = post_operations().at(function);
  const std::vector<int64_t> dilation = {1, 1};
  return product.call(x,
                      weight,
                      if_defined(bias),
                      sizes.padding,
                      sizes.stride,
                      dilation,
                      sizes.groups,
                      post.name,
                      Scalars(),
                      post.algorithm);
}

}  // namespace mixwright::onednn
