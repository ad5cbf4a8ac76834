#include "abi1_transform.h"

torch::Tensor Abi1Transform::apply(const torch::Tensor& sample,
                                   mixwright::SampleRandom& random) const {
  const double factor = random.uniform(1 - strength_, 1 + strength_);
  const torch::Tensor changed = sample.to(torch::kFloat32) * factor;
  if (sample.scalar_type() != torch::kUInt8) return changed.to(sample.scalar_type());
  return changed.round().clamp(0, 255).to(torch::kUInt8);
}

MIXWRIGHT_PLUGIN("abi1_transform",
                 "0.1.0",
                 "Apache-2.0",
                 transform<Abi1Transform>("abi1_transform", "brighter or darker", "your paper"))
