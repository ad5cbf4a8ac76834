#include "shapes.h"

namespace mixwright::blocks {

void require_same_shape(const std::string& name,
                        const LayerPtr& layer,
                        const Shape& shape,
                        const std::string& why) {
  require_same_shape(name, shape_after(layer, shape), shape, why);
}

void require_same_shape(const std::string& name,
                        const Shape& out,
                        const Shape& in,
                        const std::string& why) {
  // The origin grid is a note of where tokens come from: a layer may drop it.
  if (out.grid == in.grid && out.channels == in.channels) return;
  throw Error(name + " makes " + out.text() + " of " + in.text() + "; " + why);
}

}  // namespace mixwright::blocks
