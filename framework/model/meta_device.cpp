#include "framework/model/meta_device.h"

#include <optional>
#include <tuple>
#include <vector>

#include <torch/library.h>
#include <torch/torch.h>

namespace mixwright::model {

namespace {

// LibTorch's Python has a default device, its C++ has none. The dispatcher does have a key for
// modes of this sort, which is free: it stands above all others and applies to a thread only where
// that thread includes it.
constexpr c10::DispatchKey kMode = c10::DispatchKey::TESTING_ONLY_GenericMode;

/// The operations below call themselves again under this, for what is not theirs to answer.
struct WithoutMode {
  c10::impl::ExcludeDispatchKeyGuard guard{kMode};
};

c10::Device device_or_meta(const std::optional<c10::Device>& device) {
  return device.value_or(c10::Device(c10::kMeta));
}

/// What fills a tensor through its pointer gets an error instead of address zero.
at::Tensor without_pointer(at::Tensor tensor) {
  if (tensor.is_meta()) tensor.storage().unsafeGetStorageImpl()->set_throw_on_mutable_data_ptr();
  return tensor;
}

// The two that all others come down to.

at::Tensor empty(at::IntArrayRef size,
                 std::optional<at::ScalarType> dtype,
                 std::optional<at::Layout> layout,
                 std::optional<c10::Device> device,
                 std::optional<bool> pin_memory,
                 std::optional<at::MemoryFormat> memory_format) {
  const WithoutMode below;
  return without_pointer(
      at::empty(size, dtype, layout, device_or_meta(device), pin_memory, memory_format));
}

at::Tensor empty_strided(at::IntArrayRef size,
                         at::IntArrayRef stride,
                         std::optional<at::ScalarType> dtype,
                         std::optional<at::Layout> layout,
                         std::optional<c10::Device> device,
                         std::optional<bool> pin_memory) {
  const WithoutMode below;
  return without_pointer(
      at::empty_strided(size, stride, dtype, layout, device_or_meta(device), pin_memory));
}

// Operations whose shapes LibTorch 2.13 knows in Python only. Attention is here because its general
// form, which the meta device would take, writes the matrix of all pairs that the real one avoids.

int64_t entry(at::IntArrayRef list, int64_t i) {
  return list[list.size() == 1 ? 0 : static_cast<size_t>(i)];
}

at::Tensor convolution(const at::Tensor& input,
                       const at::Tensor& weight,
                       const std::optional<at::Tensor>& bias,
                       at::IntArrayRef stride,
                       at::IntArrayRef padding,
                       at::IntArrayRef dilation,
                       bool transposed,
                       at::IntArrayRef output_padding,
                       int64_t groups) {
  if (!input.is_meta()) {
    const WithoutMode below;
    return at::convolution(
        input, weight, bias, stride, padding, dilation, transposed, output_padding, groups);
  }
  std::vector<int64_t> sizes = {input.size(0),
                                transposed ? weight.size(1) * groups : weight.size(0)};
  for (int64_t i = 0; i < input.dim() - 2; ++i) {
    const int64_t reach = entry(dilation, i) * (weight.size(i + 2) - 1);
    const int64_t length = input.size(i + 2);
    const int64_t pad = 2 * entry(padding, i);
    sizes.push_back(transposed ? (length - 1) * entry(stride, i) - pad + reach + 1 +
                                     entry(output_padding, i)
                               : (length + pad - reach - 1) / entry(stride, i) + 1);
  }
  return at::empty(sizes, input.options(), input.suggest_memory_format());
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> native_layer_norm(
    const at::Tensor& input,
    at::IntArrayRef normalized_shape,
    const std::optional<at::Tensor>& weight,
    const std::optional<at::Tensor>& bias,
    double eps) {
  if (!input.is_meta()) {
    const WithoutMode below;
    return at::native_layer_norm(input, normalized_shape, weight, bias, eps);
  }
  std::vector<int64_t> sizes = input.sizes().vec();
  for (size_t i = sizes.size() - normalized_shape.size(); i < sizes.size(); ++i) sizes[i] = 1;
  return {
      at::empty_like(input), at::empty(sizes, input.options()), at::empty(sizes, input.options())};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> native_batch_norm(
    const at::Tensor& input,
    const std::optional<at::Tensor>& weight,
    const std::optional<at::Tensor>& bias,
    const std::optional<at::Tensor>& running_mean,
    const std::optional<at::Tensor>& running_var,
    bool training,
    double momentum,
    double eps) {
  if (!input.is_meta()) {
    const WithoutMode below;
    return at::native_batch_norm(
        input, weight, bias, running_mean, running_var, training, momentum, eps);
  }
  const std::vector<int64_t> saved = {training ? input.size(1) : 0};
  return {
      at::empty_like(input), at::empty(saved, input.options()), at::empty(saved, input.options())};
}

template <at::Tensor (*Operation)(const at::Tensor&)>
at::Tensor elementwise(const at::Tensor& self) {
  if (!self.is_meta()) {
    const WithoutMode below;
    return Operation(self);
  }
  return at::empty_like(self);
}

at::Tensor hardtanh(const at::Tensor& self, const at::Scalar& low, const at::Scalar& high) {
  if (!self.is_meta()) {
    const WithoutMode below;
    return at::hardtanh(self, low, high);
  }
  return at::empty_like(self);
}

at::Tensor roll(const at::Tensor& self, at::IntArrayRef shifts, at::IntArrayRef dims) {
  if (!self.is_meta()) {
    const WithoutMode below;
    return at::roll(self, shifts, dims);
  }
  return at::empty_like(self);
}

at::Tensor index_select(const at::Tensor& self, int64_t dim, const at::Tensor& index) {
  if (!self.is_meta()) {
    const WithoutMode below;
    return at::index_select(self, dim, index);
  }
  std::vector<int64_t> sizes = self.sizes().vec();
  sizes[static_cast<size_t>(at::maybe_wrap_dim(dim, self.dim()))] = index.numel();
  return at::empty(sizes, self.options());
}

at::Tensor scaled_dot_product_attention(const at::Tensor& query,
                                        const at::Tensor& key,
                                        const at::Tensor& value,
                                        const std::optional<at::Tensor>& mask,
                                        double dropout,
                                        bool is_causal,
                                        std::optional<double> scale,
                                        bool enable_gqa) {
  if (!query.is_meta()) {
    const WithoutMode below;
    return at::scaled_dot_product_attention(
        query, key, value, mask, dropout, is_causal, scale, enable_gqa);
  }
  std::vector<int64_t> sizes = query.sizes().vec();
  sizes.back() = value.size(-1);
  return at::empty(sizes, query.options());
}

}  // namespace

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, all) {
  all.fallback(torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(aten, TESTING_ONLY_GenericMode, aten) {
  aten.impl("aten::empty.memory_format", TORCH_FN(empty));
  aten.impl("aten::empty_strided", TORCH_FN(empty_strided));
  aten.impl("aten::convolution", TORCH_FN(convolution));
  aten.impl("aten::native_layer_norm", TORCH_FN(native_layer_norm));
  aten.impl("aten::native_batch_norm", TORCH_FN(native_batch_norm));
  aten.impl("aten::relu", TORCH_FN(elementwise<at::relu>));
  aten.impl("aten::hardswish", TORCH_FN(elementwise<at::hardswish>));
  aten.impl("aten::hardtanh", TORCH_FN(hardtanh));
  aten.impl("aten::roll", TORCH_FN(roll));
  aten.impl("aten::index_select", TORCH_FN(index_select));
  aten.impl("aten::scaled_dot_product_attention", TORCH_FN(scaled_dot_product_attention));
}

struct MetaDevice::Guard {
  c10::impl::IncludeDispatchKeyGuard include{kMode};
};

MetaDevice::MetaDevice() : guard_(std::make_unique<Guard>()) {}

MetaDevice::~MetaDevice() = default;

bool MetaDevice::active() {
  return c10::impl::tls_is_dispatch_key_included(kMode);
}

}  // namespace mixwright::model
