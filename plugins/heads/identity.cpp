#include "identity.h"

namespace mixwright::heads {

torch::Tensor Identity::forward(const Features& features) {
  return features.last;
}

}  // namespace mixwright::heads
