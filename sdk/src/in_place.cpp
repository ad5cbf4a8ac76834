#include <algorithm>
#include <utility>

#include <ATen/core/LegacyTypeDispatch.h>

#include <mixwright/in_place.h>
#include <mixwright/parallel.h>

#include "in_place_kernels.h"
#include "instruction_set.h"

namespace mixwright {

// Out of line for dynamic_cast across libraries.
WritesActivation::~WritesActivation() = default;
AddsForce::~AddsForce() = default;

namespace {

constexpr int64_t kRowsOfTask = 96;             // a multiple of every tile's rows
constexpr int64_t kProductsOfTask = 1'000'000;  // multiplications that a thread takes at least
constexpr int64_t kNumbersOfTask = 16384;       // of a function that a thread takes at least
constexpr int64_t kRowsWorthPacking = 64;       // rows times calls from which packing pays

struct Kernels {
  void (*gelu)(const float* x, float* y, int64_t size);
  /// Null where MKL's are as good: on some makers' processors it leaves half of AVX-512 unused, and
  /// what oneDNN has allocates in every call. Measured on a core of an AMD EPYC, [256, 784] x [784,
  /// 900]: MKL 96 GFLOP/s, oneDNN 198, this one 217.
  void (*blend_product)(const ProductPanel&) = nullptr;
};

const Kernels& kernels() {
  static const Kernels best = []() -> Kernels {
#if defined(__x86_64__)
    const InstructionSet widest = widest_instruction_set();
    if (widest == InstructionSet::kAvx512) return {&avx512::gelu, &avx512::blend_product};
    if (widest == InstructionSet::kAvx2) return {&avx2::gelu};
#endif
    return {&baseline::gelu};
  }();
  return best;
}

bool is_float(const torch::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat;
}

bool has_panels(const torch::Tensor& y, const torch::Tensor& w) {
  return kernels().blend_product != nullptr && is_float(y) && is_float(w);
}

/// [in, out] of any layout -> [panels, in, kPanelColumns], what is beyond the last column zero.
torch::Tensor packed(const torch::Tensor& w) {
  const int64_t whole = w.size(1) / kPanelColumns;
  const int64_t rest = w.size(1) % kPanelColumns;
  torch::Tensor panels =
      torch::empty({whole + (rest > 0 ? 1 : 0), w.size(0), kPanelColumns}, w.options());
  const torch::Tensor columns = w.narrow(1, 0, whole * kPanelColumns);
  // [in, panels * 32] -> [panels, in, 32]: read where it lies.
  panels.narrow(0, 0, whole).copy_(columns.unflatten(1, {whole, kPanelColumns}).transpose(0, 1));
  if (rest > 0) {
    torch::Tensor last = panels[whole];
    last.zero_();
    last.narrow(1, 0, rest).copy_(w.narrow(1, whole * kPanelColumns, rest));
  }
  return panels;
}

/// y <- keep y + scale x w by LibTorch's own product.
void multiply(const torch::Tensor& y, Blend blend, const torch::Tensor& a, const torch::Tensor& b) {
  y.addmm_(a, b, blend.keep, blend.scale);
}

/// Panels that a thread takes at once at least.
int64_t grain_of(const ProductPanel& panel) {
  const int64_t work = std::min(panel.rows, kRowsOfTask) * panel.inner * kPanelColumns;
  return std::max<int64_t>(1, kProductsOfTask / std::max<int64_t>(1, work));
}

void multiply_packed(const torch::Tensor& y,
                     Blend blend,
                     const torch::Tensor& x,
                     const torch::Tensor& panels) {
  ProductPanel whole;
  whole.a = x.const_data_ptr<float>();
  whole.a_row = x.stride(0);
  whole.b_row = kPanelColumns;
  whole.y = y.mutable_data_ptr<float>();
  whole.y_row = y.stride(0);
  whole.rows = x.size(0);
  whole.inner = x.size(1);
  whole.keep = static_cast<float>(blend.keep);
  whole.scale = static_cast<float>(blend.scale);
  const float* weights = panels.const_data_ptr<float>();
  const int64_t parts = (whole.rows + kRowsOfTask - 1) / kRowsOfTask;
  parallel_for(0, panels.size(0) * parts, grain_of(whole), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t column = task / parts * kPanelColumns;
      const int64_t row = task % parts * kRowsOfTask;
      ProductPanel panel = whole;
      panel.a += row * panel.a_row;
      panel.y += row * panel.y_row + column;
      panel.rows = std::min(kRowsOfTask, whole.rows - row);
      panel.b = weights + column * panel.inner;
      panel.last = std::min(kPanelColumns, y.size(1) - column);
      kernels().blend_product(panel);
    }
  });
}

/// y[b] <- keep y[b] + scale w x[b], in float32, x [B, in, C] with C >= kPanelColumns.
void multiply_panels_of_each(const torch::Tensor& y,
                             Blend blend,
                             const torch::Tensor& w,
                             const torch::Tensor& x) {
  ProductPanel whole;
  whole.a = w.const_data_ptr<float>();
  whole.a_row = w.stride(0);
  whole.b_row = x.stride(1);
  whole.y_row = y.stride(1);
  whole.rows = w.size(0);
  whole.inner = w.size(1);
  whole.keep = static_cast<float>(blend.keep);
  whole.scale = static_cast<float>(blend.scale);
  const float* from = x.const_data_ptr<float>();
  float* to = y.mutable_data_ptr<float>();
  const int64_t columns = x.size(2);
  const int64_t panels = (columns + kPanelColumns - 1) / kPanelColumns;
  parallel_for(0, x.size(0) * panels, grain_of(whole), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t sample = task / panels;
      // The last panel reaches back over the one before it, so that nothing beyond x is read.
      const int64_t column = task % panels * kPanelColumns;
      const int64_t start = std::min(column, columns - kPanelColumns);
      ProductPanel panel = whole;
      panel.b = from + sample * x.stride(0) + start;
      panel.y = to + sample * y.stride(0) + start;
      panel.first = column - start;
      kernels().blend_product(panel);
    }
  });
}

}  // namespace

Action product_into(const torch::Tensor& y,
                    Blend blend,
                    const torch::Tensor& x,
                    const torch::Tensor& w,
                    int64_t times) {
  const int64_t rows = x.size(0);
  if (has_panels(y, w) && rows > 1 && rows * times >= kRowsWorthPacking) {
    return [y, blend, x = x.detach(), panels = packed(w.detach())] {
      multiply_packed(y, blend, x, panels);
    };
  }
  return [y, blend, x = x.detach(), w = w.detach()] { multiply(y, blend, x, w); };
}

Action product_into_each(const torch::Tensor& y,
                         Blend blend,
                         const torch::Tensor& w,
                         const torch::Tensor& x) {
  if (has_panels(y, w) && x.size(2) >= kPanelColumns) {
    return [y, blend, w = w.detach().contiguous(), x] { multiply_panels_of_each(y, blend, w, x); };
  }
  struct Sample {
    torch::Tensor y;
    torch::Tensor x;
  };
  std::vector<Sample> samples;
  for (int64_t b = 0; b < y.size(0); ++b) {
    samples.push_back({y.detach().select(0, b), x.detach().select(0, b)});
  }
  return [samples = std::move(samples), blend, w = w.detach().contiguous()] {
    parallel_for(0, static_cast<int64_t>(samples.size()), 1, [&](int64_t begin, int64_t end) {
      // The threads' own settings of gradients are not the caller's.
      const at::AutoDispatchBelowADInplaceOrView no_history;
      for (int64_t b = begin; b < end; ++b) {
        const Sample& sample = samples[static_cast<size_t>(b)];
        multiply(sample.y, blend, w, sample.x);
      }
    });
  };
}

Action gelu_into(const torch::Tensor& y, const torch::Tensor& x) {
  if (!is_float(x)) {
    return [y, x] {
      torch::Tensor result = y;
      torch::gelu_out(result, x, "none");
    };
  }
  return [y, x] {
    const float* from = x.const_data_ptr<float>();
    float* to = y.mutable_data_ptr<float>();
    parallel_for(0, x.numel(), kNumbersOfTask, [&](int64_t begin, int64_t end) {
      kernels().gelu(from + begin, to + begin, end - begin);
    });
  };
}

}  // namespace mixwright
