#include "framework/model/finite_check.h"

#include <utility>
#include <vector>

#include <ATen/record_function.h>

namespace mixwright::model {

namespace {

/// What the callbacks write to; LibTorch gives them no place of their own.
struct Watch {
  torch::Tensor last;  // what the last operator gave
  std::string found;
};
thread_local Watch* watch = nullptr;

struct PartContext : at::ObserverContext {
  explicit PartContext(std::string name) : part(std::move(name)) {}
  std::string part;
};

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function) {
  if (watch == nullptr || function.scope() != at::RecordScope::USER_SCOPE) return nullptr;
  return std::make_unique<PartContext>(function.name());
}

// A part is left after the parts inside it, so the first one found is the innermost.
void end(const at::RecordFunction& function, at::ObserverContext* context) {
  if (watch == nullptr || !watch->found.empty()) return;
  const at::RecordFunctionGuard off(/*is_enabled=*/false);
  if (context != nullptr) {
    const bool bad = watch->last.defined() && !all_finite(watch->last);
    if (bad) watch->found = static_cast<PartContext*>(context)->part;
    return;
  }
  for (const c10::IValue& output : function.outputs()) {
    if (output.isTensor() && output.toTensor().defined()) watch->last = output.toTensor();
  }
}

/// Watches this thread's operators and parts while it lives.
class Watching {
 public:
  explicit Watching(Watch& target)
      : handle_(at::addThreadLocalCallback(
            at::RecordFunctionCallback(&begin, &end)
                .needsOutputs(true)
                .scopes({at::RecordScope::FUNCTION, at::RecordScope::USER_SCOPE}))) {
    watch = &target;
  }
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;
  ~Watching() {
    watch = nullptr;
    at::removeCallback(handle_);
  }

 private:
  at::CallbackHandle handle_;
};

}  // namespace

bool all_finite(const torch::Tensor& tensor) {
  return !tensor.is_floating_point() || tensor.isfinite().all().item<bool>();
}

std::string first_not_finite_part(Network& network, const torch::Tensor& input) {
  const torch::NoGradGuard no_grad;
  std::vector<std::pair<torch::Tensor, torch::Tensor>> kept;
  for (const torch::Tensor& buffer : network.buffers()) kept.emplace_back(buffer, buffer.clone());
  Watch found;
  {
    const Watching watching(found);
    network.forward(input);
  }
  for (auto& [buffer, before] : kept) buffer.copy_(before);
  return found.found;
}

std::string first_not_finite_tensor(const Network& network) {
  for (const auto& [name, tensor] : network.state()) {
    if (!all_finite(tensor)) return name;
  }
  return {};
}

}  // namespace mixwright::model
