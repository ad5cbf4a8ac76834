#include <mixwright/adaptable.h>
#include <mixwright/error.h>

namespace mixwright {

Adaptable::~Adaptable() = default;

void refuse_to_adapt(const std::string& name) {
  throw Error(name +
              " does not depend on the input's size or the classes, and is of another shape");
}

}  // namespace mixwright
