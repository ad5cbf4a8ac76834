#include <ATen/Context.h>

#include "layer_case.h"

namespace mixwright::conformance {

namespace {

/// Far above the rounding of float32 in another order of summing, far below a wrong kernel.
constexpr double kFloat32Error = 1e-4;

/// While it lives, float32 is float32 on a GPU. Process-wide: autograd runs backward in threads of
/// its own.
class WholeFloat32 {
 public:
  WholeFloat32()
      : convolutions_(at::globalContext().allowTF32CuDNN()),
        products_(at::globalContext().allowTF32CuBLAS()) {
    set(false, false);
  }
  WholeFloat32(const WholeFloat32&) = delete;
  WholeFloat32& operator=(const WholeFloat32&) = delete;
  ~WholeFloat32() { set(convolutions_, products_); }

 private:
  static void set(bool convolutions, bool products) {
    at::globalContext().setAllowTF32CuDNN(convolutions);
    at::globalContext().setAllowTF32CuBLAS(products);
  }

  bool convolutions_;
  bool products_;
};

/// The answer of the form for inference, where there is one, beside that of the layer itself.
std::string form_agrees(const Specimen& specimen,
                        const torch::Tensor& x,
                        const torch::Tensor& exact,
                        const Trial& trial) {
  const torch::NoGradGuard no_grad;
  const auto made = std::dynamic_pointer_cast<Layer>(specimen.part);
  const LayerPtr form = made ? made->for_inference() : nullptr;
  if (!form) return "";
  return far_apart({{"output of the form for inference", run(form, x, Context{})}},
                   {{"output of the form for inference", exact}},
                   kFloat32Error,
                   trial);
}

/// Without the gradients that are single numbers: those are sums in which most may cancel, and
/// what is left of them says nothing of sums rounded to eight bits.
NamedTensors several(NamedTensors answers) {
  for (auto& [name, tensor] : answers) {
    if (tensor.defined() && tensor.numel() == 1) tensor = torch::Tensor();
  }
  return answers;
}

/// The same part and the same numbers: in `dtype` on the GPU, in float64 on the processor.
std::string gpu_agrees(const LayerCase& layer, torch::ScalarType dtype, double most) {
  const WholeFloat32 whole;
  for (const Trial& trial : layer.trials()) {
    const Specimen specimen = layer.build(trial);
    specimen.part->eval();
    specimen.part->to(torch::kCUDA, dtype);
    const torch::Tensor x = sample(trial, dtype);
    const torch::Tensor there = x.to(torch::kCUDA);
    const torch::Tensor cotangent = torch::randn_like(specimen.run(there));
    const NamedTensors rounded = answers(specimen, specimen.run, there, cotangent);
    specimen.part->zero_grad();
    specimen.part->to(torch::kCPU, torch::kFloat64);
    const NamedTensors exact =
        answers(specimen, specimen.run, x.to(torch::kFloat64), cotangent.cpu());
    std::string reason =
        far_apart(rounded, dtype == torch::kBFloat16 ? several(exact) : exact, most, trial);
    if (reason.empty() && dtype == torch::kFloat32 && !layer.is_static()) {
      specimen.part->to(torch::kCUDA, dtype);
      reason = form_agrees(specimen, there, exact.front().second, trial);
    }
    if (!reason.empty()) return reason;
  }
  return "";
}

}  // namespace

void check_gpu(const LayerCase& layer, Checker& checker) {
  if (!torch::cuda::is_available()) return;  // the meta device has stood in for it
  checker.run("a GPU agrees with float64 on the processor",
              [&] { return gpu_agrees(layer, torch::kFloat32, kFloat32Error); });
  checker.run("bfloat16 on a GPU agrees with float64 on the processor",
              [&] { return gpu_agrees(layer, torch::kBFloat16, kBfloat16Error); });
}

}  // namespace mixwright::conformance
