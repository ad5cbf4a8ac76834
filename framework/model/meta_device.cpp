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

/// The operations of the mode call themselves again under this, for what is not theirs to answer.
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

// Operations whose shapes LibTorch 2.13 knows in Python only. They are kernels of the meta device,
// so that autograd stands above them as above all others and keeps what it keeps of real ones.

int64_t entry(at::IntArrayRef list, int64_t i) {
  return list[list.size() == 1 ? 0 : static_cast<size_t>(i)];
}

at::Tensor convolution(const at::Tensor& input,
                       const at::Tensor& weight,
                       const std::optional<at::Tensor>& /*bias*/,
                       at::IntArrayRef stride,
                       at::IntArrayRef padding,
                       at::IntArrayRef dilation,
                       bool transposed,
                       at::IntArrayRef output_padding,
                       int64_t groups) {
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
    const std::optional<at::Tensor>& /*weight*/,
    const std::optional<at::Tensor>& /*bias*/,
    double /*eps*/) {
  std::vector<int64_t> sizes = input.sizes().vec();
  for (size_t i = sizes.size() - normalized_shape.size(); i < sizes.size(); ++i) sizes[i] = 1;
  return {
      at::empty_like(input), at::empty(sizes, input.options()), at::empty(sizes, input.options())};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> native_batch_norm(
    const at::Tensor& input,
    const std::optional<at::Tensor>& /*weight*/,
    const std::optional<at::Tensor>& /*bias*/,
    const std::optional<at::Tensor>& /*running_mean*/,
    const std::optional<at::Tensor>& /*running_var*/,
    bool training,
    double /*momentum*/,
    double /*eps*/) {
  const std::vector<int64_t> saved = {training ? input.size(1) : 0};
  return {
      at::empty_like(input), at::empty(saved, input.options()), at::empty(saved, input.options())};
}

at::Tensor elementwise(const at::Tensor& self) {
  return at::empty_like(self);
}

at::Tensor hardtanh(const at::Tensor& self, const at::Scalar&, const at::Scalar&) {
  return at::empty_like(self);
}

at::Tensor roll(const at::Tensor& self, at::IntArrayRef, at::IntArrayRef) {
  return at::empty_like(self);
}

at::Tensor index_select(const at::Tensor& self, int64_t dim, const at::Tensor& index) {
  std::vector<int64_t> sizes = self.sizes().vec();
  sizes[static_cast<size_t>(at::maybe_wrap_dim(dim, self.dim()))] = index.numel();
  return at::empty(sizes, self.options());
}

at::Tensor safe_softmax(const at::Tensor& self, int64_t, std::optional<at::ScalarType> dtype) {
  return at::empty_like(self, self.options().dtype(dtype.value_or(self.scalar_type())));
}

/// What the CPU's fused attention gives: the answer, in whose memory the heads of a token lie side
/// by side, and the logarithms that its backward needs.
std::tuple<at::Tensor, at::Tensor> fused_attention(const at::Tensor& query,
                                                   const at::Tensor& /*key*/,
                                                   const at::Tensor& value,
                                                   double /*dropout*/,
                                                   bool /*is_causal*/,
                                                   const std::optional<at::Tensor>& /*mask*/,
                                                   std::optional<double> /*scale*/) {
  const int64_t batch = query.size(0);
  const int64_t heads = query.size(1);
  const int64_t tokens = query.size(2);
  return {at::empty({batch, tokens, heads, value.size(-1)}, query.options()).transpose(1, 2),
          at::empty({batch, tokens, heads}, query.options()).transpose(1, 2)};
}

/// The general form, which the meta device would take, writes the matrix of all pairs; the real one
/// avoids it under the same conditions as here.
at::Tensor scaled_dot_product_attention(const at::Tensor& query,
                                        const at::Tensor& key,
                                        const at::Tensor& value,
                                        const std::optional<at::Tensor>& mask,
                                        double dropout,
                                        bool is_causal,
                                        std::optional<double> scale,
                                        bool enable_gqa) {
  const bool mask_learns =
      mask && mask->defined() && mask->requires_grad() && at::GradMode::is_enabled();
  if (query.is_meta() && dropout == 0 && !mask_learns && !enable_gqa && query.dim() == 4) {
    return std::get<0>(at::_scaled_dot_product_flash_attention_for_cpu(
        query, key, value, dropout, is_causal, mask, scale));
  }
  const WithoutMode below;
  return at::scaled_dot_product_attention(
      query, key, value, mask, dropout, is_causal, scale, enable_gqa);
}

}  // namespace

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, all) {
  all.fallback(torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(aten, TESTING_ONLY_GenericMode, aten) {
  aten.impl("aten::empty.memory_format", TORCH_FN(empty));
  aten.impl("aten::empty_strided", TORCH_FN(empty_strided));
  aten.impl("aten::scaled_dot_product_attention", TORCH_FN(scaled_dot_product_attention));
}

TORCH_LIBRARY_IMPL(aten, Meta, aten) {
  aten.impl("aten::convolution", TORCH_FN(convolution));
  aten.impl("aten::native_layer_norm", TORCH_FN(native_layer_norm));
  aten.impl("aten::native_batch_norm", TORCH_FN(native_batch_norm));
  aten.impl("aten::relu", TORCH_FN(elementwise));
  aten.impl("aten::hardswish", TORCH_FN(elementwise));
  aten.impl("aten::hardtanh", TORCH_FN(hardtanh));
  aten.impl("aten::roll", TORCH_FN(roll));
  aten.impl("aten::index_select", TORCH_FN(index_select));
  aten.impl("aten::_safe_softmax", TORCH_FN(safe_softmax));
  aten.impl("aten::_scaled_dot_product_flash_attention_for_cpu", TORCH_FN(fused_attention));
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
