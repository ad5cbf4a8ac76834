#include "framework/train/device.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/cpu/Utils.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <mixwright/error.h>

namespace mixwright::train {

namespace {

torch::Device gpu(int64_t index) {
  at::Context& context = at::globalContext();
  // LibTorch would round the factors of convolutions to ten bits, and of those alone. Who can do
  // with less than float32 says bfloat16.
  context.setAllowTF32CuDNN(false);
  // A resumed training must end where one without a stop does: kernels that sum in an order of
  // their own are not taken where there are others. cuBLAS reads its variable when it is first
  // used.
  ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
  context.setDeterministicAlgorithms(true, /*warn_only=*/true);
  context.setDeterministicFillUninitializedMemory(false);
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

}  // namespace

torch::Device choose_device(const std::string& text) {
  const int64_t gpus = torch::cuda::is_available() ? torch::cuda::device_count() : 0;
  if (text == "cpu") return torch::kCPU;
  if (text == "auto") return gpus > 0 ? gpu(0) : torch::Device(torch::kCPU);
  const std::string digits = text == "cuda" ? "0" : text.starts_with("cuda:") ? text.substr(5) : "";
  if (digits.empty() || digits.size() > 3 ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    throw UsageError("train.device = \"" + text + "\": auto, cpu, cuda or cuda:N expected");
  }
  const int64_t index = std::stoll(digits);
  if (index >= gpus) {
    throw UsageError("train.device = \"" + text + "\": this machine offers " +
                     std::to_string(gpus) + " CUDA devices to this LibTorch; use auto or cpu");
  }
  return gpu(index);
}

bool use_bfloat16(Precision precision, const torch::Device& device) {
  if (precision != Precision::kAuto) return precision == Precision::kBfloat16;
  // From compute capability 8.0 on.
  if (device.is_cuda()) return at::detail::getCUDAHooks().supportsBFloat16ConvolutionWithCuDNNv8();
  if (!device.is_cpu()) return false;
  // Without instructions for it bfloat16 is emulated and slower than float32.
  const auto capabilities = at::cpu::get_cpu_capabilities();
  const auto has = [&capabilities](const char* name) {
    const auto found = capabilities.find(name);
    return found != capabilities.end() && found->second.isBool() && found->second.toBool();
  };
  // The kernel has a say in the use of matrix units, too.
  return has("avx512_bf16") || (has("amx_bf16") && at::cpu::init_amx());
}

Autocast::Autocast(const torch::Device& device, bool bfloat16)
    : type_(device.type()), active_(bfloat16) {
  if (!active_) return;
  was_enabled_ = at::autocast::is_autocast_enabled(type_);
  old_type_ = at::autocast::get_autocast_dtype(type_);
  at::autocast::set_autocast_enabled(type_, true);
  at::autocast::set_autocast_dtype(type_, torch::kBFloat16);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!active_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(type_, was_enabled_);
  at::autocast::set_autocast_dtype(type_, old_type_);
}

torch::Tensor to_float32(const torch::Tensor& output) {
  return output.scalar_type() == torch::kBFloat16 ? output.to(torch::kFloat32) : output;
}

void keep_freed_memory() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_MAX, 0);  // blocks of every size from the heap, where they are found again
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;  // Linux counts in kB
}

}  // namespace mixwright::train
