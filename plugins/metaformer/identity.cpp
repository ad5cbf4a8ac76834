#include "identity.h"

namespace mixwright::metaformer {

torch::Tensor Identity::forward(const torch::Tensor& x) {
  return x;
}

}  // namespace mixwright::metaformer
