#include "framework/train/tensor_state.h"

#include <mixwright/error.h>
#include <mixwright/shape.h>

namespace mixwright::train {

void restore_tensors(const std::vector<model::NamedTensor>& own,
                     const std::map<std::string, torch::Tensor>& saved,
                     const std::string& owner) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : own) {
    const auto found = saved.find(name);
    if (found == saved.end()) throw Error(owner + " has no \"" + name + "\"");
    if (found->second.sizes() != tensor.sizes()) {
      throw Error(owner + " \"" + name + "\" is " + list_text(found->second.sizes().vec()) + ", " +
                  list_text(tensor.sizes().vec()) + " expected");
    }
    tensor.copy_(found->second);
  }
}

}  // namespace mixwright::train
