#include "framework/model/adaptation.h"

#include <mixwright/error.h>
#include <mixwright/shape.h>

#include "framework/model/weights.h"

namespace mixwright::model {

namespace {

struct Owner {
  std::shared_ptr<Part> part;  // null: no part's
  std::string name;            // of the tensor, below the part
};

/// The innermost part that `name` lies below.
Owner owner_of(const Network& network, const std::string& name) {
  Owner owner;
  size_t longest = 0;
  for (const auto& module : network.named_modules("", /*include_self=*/false)) {
    const std::string path = module.key() + ".";
    if (!name.starts_with(path) || path.size() <= longest) continue;
    if (auto part = std::dynamic_pointer_cast<Part>(module.value())) {
      longest = path.size();
      owner = {part, name.substr(path.size())};
    }
  }
  return owner;
}

}  // namespace

Adapted adapt_tensor(const Network& network, const std::string& name, const torch::Tensor& value) {
  const torch::NoGradGuard no_grad;
  const Owner owner = owner_of(network, name);
  if (!owner.part) throw Error("it belongs to no component");
  const auto* adaptable = dynamic_cast<const Adaptable*>(owner.part.get());
  const torch::Tensor target = state_by_name(network).at(name);
  const std::string who = owner.part->component();
  if (adaptable == nullptr) throw Error(who + ": it fits no tensor to another shape");
  Adapted adapted;
  try {
    adapted = adaptable->adapt(owner.name, value);
  } catch (const c10::Error& error) {
    throw Error(who + ": " + first_line(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    throw Error(who + ": " + first_line(error.what()));
  }
  if (!adapted.value.defined() || adapted.value.sizes() != target.sizes()) {
    throw Error(who + ": it made " +
                (adapted.value.defined() ? list_text(adapted.value.sizes().vec()) : "nothing") +
                " of it, " + list_text(target.sizes().vec()) + " is needed");
  }
  return adapted;
}

}  // namespace mixwright::model
