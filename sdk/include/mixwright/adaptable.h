#pragma once

#include <string>

#include <torch/torch.h>

#include <mixwright/export.h>

namespace mixwright {

/// What a part made of a tensor that belonged to a network of another size; see Adaptable.
struct MIXWRIGHT_API Adapted {
  torch::Tensor value;
  std::string how;  ///< for the user: `positions of [14, 14] places resized to [16, 16], bicubic`
};

/// A part that knows what becomes of its tensors when they come from a network for inputs of
/// another size, or for other classes. A part derives from it beside its kind:
///
///   class Patch final : public Embedding, public Adaptable { … };
///
/// Tensors of a part that does not are never fitted to another shape.
class MIXWRIGHT_API Adaptable {
 public:
  virtual ~Adaptable();

  /// A value for the part's own tensor `name` (`pos_embed`, `fc.weight`; not one of a part within)
  /// made from `value`, which has the same meaning and another shape. Asked on request alone
  /// (`weights import --adapt`), with the part initialised and without gradients. Changes nothing.
  /// Throws: Error with the reason where nothing of sense can be made of it.
  virtual Adapted adapt(const std::string& name, const torch::Tensor& value) const = 0;
};

/// For adapt: refuses a tensor that the part does not fit to another shape.
[[noreturn]] MIXWRIGHT_API void refuse_to_adapt(const std::string& name);

}  // namespace mixwright
