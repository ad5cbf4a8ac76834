#include <mixwright/lagrangian.h>
#include <mixwright/network.h>
#include <mixwright/stores.h>
#include <mixwright/synapse.h>

namespace mixwright {

// Out of line, so that each class has one type_info: dynamic_cast across libraries depends on it.
Lagrangian::~Lagrangian() = default;
Synapse::~Synapse() = default;
Network::~Network() = default;
Recalls::~Recalls() = default;
Stores::~Stores() = default;

torch::Tensor Lagrangian::energy(const torch::Tensor& x, const torch::Tensor& g) const {
  return (g * x).flatten(1).sum(1) - value(x);  // [B, *grid, C] -> [B]
}

bool Synapse::is_symmetric() const {
  return true;
}

bool Synapse::acts_on_itself() const {
  return false;
}

}  // namespace mixwright
