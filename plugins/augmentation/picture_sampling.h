#pragma once

#include <mixwright/options.h>

#include "picture_geometry.h"

namespace picture {

MIXWRIGHT_CHOICES(Interpolation,
                  choice("nearest", Interpolation::kNearest),
                  choice("bilinear", Interpolation::kBilinear))

}  // namespace picture
