#pragma once

#include <cstdint>
#include <span>

#include <torch/torch.h>

#include <mixwright/random.h>

#include "picture_geometry.h"

namespace picture {

/// Magnitudes of an operation: `bins` numbers from `first` to `last`.
struct Magnitudes {
  enum class Unit {
    kNone,    ///< the operation has no magnitude
    kPlain,   ///< as the operation takes it
    kWidth,   ///< times the picture's width
    kHeight,  ///< times the picture's height
    kBits,    ///< of 8 bits, so many less; rounded
  };
  double first = 0;
  double last = 0;
  Unit unit = Unit::kPlain;

  double at(int64_t level, int64_t bins, int64_t height, int64_t width) const;
};

/// One operation of RandAugment and its kin, on a picture [H, W, C] of bytes.
struct Operation {
  const char* name;
  torch::Tensor (*apply)(const torch::Tensor& picture, double magnitude, const Sampling& sampling);
  bool is_signed;              ///< half of the magnitudes are negative
  Magnitudes rand_augment;     ///< E. Cubuk et al., arXiv:1909.13719, as in torchvision
  Magnitudes trivial_augment;  ///< S. Müller, F. Hutter, arXiv:2103.10158, "wide", likewise
};

/// All of them, in torchvision's order.
std::span<const Operation> operations();

/// An operation and how strongly it is to be applied.
struct Drawn {
  const Operation* operation = nullptr;
  double magnitude = 0;
};

/// Gives the magnitude a random sign where the operation has one.
Drawn with_sign(const Operation& operation, double magnitude, mixwright::SampleRandom& random);

}  // namespace picture
