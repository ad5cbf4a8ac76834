#include "framework/model/weights.h"

#include <mixwright/error.h>
#include <mixwright/shape.h>

namespace mixwright::model {

NamedTensors state_by_name(const Network& network) {
  NamedTensors result;
  for (const auto& [name, tensor] : network.state()) result.emplace(name, tensor);
  return result;
}

void load_values(Network& network, const NamedTensors& values) {
  const torch::NoGradGuard no_grad;
  const NamedTensors state = state_by_name(network);
  for (const auto& [name, value] : values) {
    const auto found = state.find(name);
    if (found == state.end()) {
      throw Error("the weights are of another architecture: the network has no tensor \"" + name +
                  "\"");
    }
    torch::Tensor target = found->second;
    if (target.sizes() != value.sizes()) {
      throw Error("the weights are of another architecture: \"" + name + "\" has shape " +
                  list_text(value.sizes().vec()) + ", the network needs " +
                  list_text(target.sizes().vec()));
    }
    target.copy_(value);
  }
}

}  // namespace mixwright::model
