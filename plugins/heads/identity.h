#pragma once

#include <mixwright/head.h>

namespace mixwright::heads {

/// No head: the network's answer is its last features.
///
/// Shape: [B, *grid, C] -> the same.
/// Deviates: none.
class Identity final : public Head {
 public:
  torch::Tensor forward(const Features& features) override;
};

}  // namespace mixwright::heads
