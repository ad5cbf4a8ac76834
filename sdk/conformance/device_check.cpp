#include <ATen/record_function.h>

#include <mixwright/error.h>

#include "layer_case.h"

namespace mixwright::conformance {

namespace {

/// The first operation of this thread that was given tensors of two devices.
thread_local std::string mixing;

struct Devices {
  bool meta = false;
  bool processor = false;

  void look_at(const c10::IValue& value) {
    if (value.isTensor()) {
      const at::Tensor& tensor = value.toTensor();
      if (!tensor.defined()) return;
      meta = meta || tensor.is_meta();
      // A number may be anywhere.
      processor = processor || (tensor.is_cpu() && tensor.dim() > 0);
    } else if (value.isTensorList()) {
      for (const c10::IValue& one : value.toListRef()) look_at(one);
    }
  }
};

std::unique_ptr<at::ObserverContext> hear(const at::RecordFunction& call) {
  const std::string name = call.name();
  // Copying from one device to another is what it is for.
  if (!mixing.empty() || name == "aten::copy_") return nullptr;
  Devices devices;
  for (const c10::IValue& input : call.inputs()) devices.look_at(input);
  if (devices.meta && devices.processor) mixing = name;
  return nullptr;
}

/// While it lives, operations of this thread are looked at.
class Listening {
 public:
  Listening() {
    mixing.clear();
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(&hear).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() { at::removeCallback(handle_); }

 private:
  at::CallbackHandle handle_;
};

/// Tensors keep their identity, so that a part's own handles on them see it, too.
void move_to_meta(const torch::Tensor& tensor) {
  if (!tensor.defined()) return;
  const torch::Tensor moved = tensor.detach().to(torch::kMeta);
  tensor.unsafeGetTensorImpl()->shallow_copy_from(moved.getIntrusivePtr());
}

/// Whatever forward makes must lie where its input does. LibTorch's meta device, which has sizes
/// and no values, stands for any that is not the processor. It does not know every operation, and
/// nothing that reads a value.
std::string follows_the_device(const LayerCase& layer, Checker& checker) {
  const torch::NoGradGuard no_grad;
  const Specimen specimen = layer.build(layer.first());
  specimen.part->eval();
  for (const auto& [name, tensor] : state_of(*specimen.part)) move_to_meta(tensor);
  const torch::Tensor x = sample(layer.first()).to(torch::kMeta);
  const Listening listening;
  torch::Tensor y;
  try {
    y = specimen.run(x);
  } catch (const std::exception& error) {
    const std::string reason = first_line(error.what());
    checker.remark("seen as far as this: " + reason.substr(0, reason.find(". ")));
  }
  if (!mixing.empty()) {
    return mixing +
           " is given a tensor on the processor beside one where the input lies; make it "
           "there (x.options()) or register it as a buffer";
  }
  if (!y.defined() || y.is_meta()) return "";
  return "the output lies on " + y.device().str() + ", the input does not";
}

}  // namespace

void check_device(const LayerCase& layer, Checker& checker) {
  checker.run("follows its input's device", [&] { return follows_the_device(layer, checker); });
}

}  // namespace mixwright::conformance
