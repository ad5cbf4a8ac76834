#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <torch/torch.h>

#include <mixwright/export.h>

namespace mixwright {

/// Something that is done again and again to tensors which stay where they are. All memory that it
/// needs was allocated when it was made.
using Action = std::function<void()>;

/// y <- keep y + scale (...); a `keep` of 0 does not look at y.
struct MIXWRIGHT_API Blend {
  double keep = 0;
  double scale = 1;
};

// What a memory that runs without gradients asks its parts for, so that a step allocates nothing.
// A class that can derives from one of these beside its kind; where none does, or null comes back,
// the memory takes the formulas of the kind, which allocate. Parameters are read when an action is
// made. Tensors that come in are contiguous, of one type, on the CPU, and do not overlap.

/// Beside Lagrangian.
class MIXWRIGHT_API WritesActivation {
 public:
  virtual ~WritesActivation();
  /// g <- dL/dx. Shape: both [B, *grid, C].
  virtual Action activation_into(const torch::Tensor& g, const torch::Tensor& x) const = 0;
};

/// Beside Synapse.
class MIXWRIGHT_API AddsForce {
 public:
  virtual ~AddsForce();
  /// x <- keep x - scale dE/dg_i. Shape: g as in Synapse, x as g_i. `times`: how often it will be
  /// done at least; what is laid out anew for it must be worth that.
  virtual Action force_into(const torch::Tensor& x,
                            Blend blend,
                            const std::vector<torch::Tensor>& g,
                            size_t i,
                            int64_t times) const = 0;
};

/// y <- keep y + scale x w. `times`: how often it will be done at least; where that is worth it,
/// the weight is laid out anew. Shape: x [rows, in], y [rows, out], both contiguous, w [in, out] in
/// any layout.
MIXWRIGHT_API Action product_into(const torch::Tensor& y,
                                  Blend blend,
                                  const torch::Tensor& x,
                                  const torch::Tensor& w,
                                  int64_t times);

/// y[b] <- keep y[b] + scale w x[b] for each sample: the same weight from the left.
/// Shape: w [out, in], x [B, in, C], y [B, out, C], all contiguous.
MIXWRIGHT_API Action product_into_each(const torch::Tensor& y,
                                       Blend blend,
                                       const torch::Tensor& w,
                                       const torch::Tensor& x);

/// y <- x Phi(x), Phi the normal distribution: GELU, of which LibTorch's own into memory allocates.
/// In float32 exact to 1e-6 max(1, |x|). Shape: equal, both contiguous.
MIXWRIGHT_API Action gelu_into(const torch::Tensor& y, const torch::Tensor& x);

}  // namespace mixwright
