#include "meeting.h"

#include <mixwright/error.h>

namespace mixwright::energy {

const std::vector<Shape>& meeting_layers(const BuildContext& context, size_t least, size_t most) {
  const size_t count = context.stage_shapes.size();
  if (count < least || count > most) {
    throw Error("connects " + std::to_string(least) +
                (most > least ? " to " + std::to_string(most) : std::string()) +
                (most == 1 ? " layer, " : " layers, ") + std::to_string(count) +
                " named; take a synapse for so many");
  }
  return context.stage_shapes;
}

int64_t units(const Shape& shape) {
  return (shape.grid.empty() ? 1 : shape.tokens()) * shape.channels;
}

}  // namespace mixwright::energy
