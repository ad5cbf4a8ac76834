#pragma once

#include <torch/torch.h>

#include <mixwright/context.h>
#include <mixwright/export.h>

namespace mixwright {

/// What a layer is beside its kind where it can be read as a memory of keys and values: its hidden
/// unit i looks for something, and adds a vector to the channels as much as it found it:
///
///   y[b, p] = sum_i m_i(x)[b, p] v_i + bias
///
/// `mixwright memory` shows what triggers the units and what they add to the network's answer. A
/// layer derives from its kind and from this.
/// Source: Geva et al. 2020, arXiv:2012.14913, section 2; Yun et al. 2024 (MetaMixer),
///     arXiv:2406.02021, section 3.
class MIXWRIGHT_API KeyValueMemory {
 public:
  virtual ~KeyValueMemory();

  /// The coefficients m of an input, as the layer computes them in evaluation.
  /// Shape: [batch, *grid, C] -> [batch, *grid, keys].
  virtual torch::Tensor coefficients(const torch::Tensor& x, const Context& context) = 0;

  /// The vectors v_i as they are now, [keys, C].
  /// Throws: Error where what follows them is not linear, with the reason.
  virtual torch::Tensor values() const = 0;
};

}  // namespace mixwright
