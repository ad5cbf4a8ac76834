#pragma once

#include <torch/torch.h>

#include <mixwright/options.h>
#include <mixwright/shape.h>

#include "actions.h"

namespace mixwright::energy {

/// What of scale and shift is trained.
enum class Learned { kNone, kScalar, kElementwise };
MIXWRIGHT_CHOICES(Learned,
                  choice("none", Learned::kNone),
                  choice("scalar", Learned::kScalar),
                  choice("elementwise", Learned::kElementwise))

struct NormAffineOptions {
  double gamma = 1;
  double shift = 0;
  Learned learned = Learned::kNone;
};

/// The scale gamma, one number for the whole layer, and the shift of a norm's activation.
///
/// A scale of its own for every unit would make the Jacobian of the activation asymmetric, so that
/// it is the gradient of nothing: there is no such option. A shift for every unit is allowed.
/// Tensors: `gamma` [1], `shift` [1] or [*grid, C], where they are learned.
class NormAffineImpl : public torch::nn::Module {
 public:
  NormAffineImpl(const NormAffineOptions& options, const Shape& shape);
  /// x gamma.
  torch::Tensor scaled(const torch::Tensor& x) const;
  /// x + shift.
  torch::Tensor shifted(const torch::Tensor& x) const;
  /// <shift, x> of each sample: [B].
  torch::Tensor along_shift(const torch::Tensor& x) const;
  /// gamma >= 0 with the parameters of now.
  bool is_positive() const;
  /// What a norm by rows needs of this, with the parameters of now.
  RowNorm of_rows(double eps, bool centred) const;

  torch::Tensor gamma;  ///< undefined where it is not learned
  torch::Tensor shift;

 private:
  double fixed_gamma_;
  double fixed_shift_;
};
TORCH_MODULE(NormAffine);

}  // namespace mixwright::energy
