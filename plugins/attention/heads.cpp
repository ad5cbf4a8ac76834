#include "heads.h"

#include <algorithm>
#include <string>

#include <mixwright/error.h>

namespace mixwright::attention {

namespace {

constexpr int64_t kHeadDim = 32;  // arXiv:2210.13452, and ViT's and Swin's smallest models

}  // namespace

Heads heads_of(const std::optional<int64_t>& heads,
               const std::optional<int64_t>& head_dim,
               int64_t channels) {
  if (heads && head_dim) return {*heads, *head_dim};
  if (heads) {
    if (channels % *heads != 0) {
      throw Error("C = " + std::to_string(channels) + " channels do not divide into " +
                  std::to_string(*heads) + " heads; give a divisor of C, or head_dim beside heads");
    }
    return {*heads, channels / *heads};
  }
  const int64_t width = head_dim.value_or(kHeadDim);
  return {std::max<int64_t>(1, channels / width), width};
}

}  // namespace mixwright::attention
