#include "framework/draw/trace.h"

#include <algorithm>

#include <ATen/record_function.h>

namespace mixwright::draw {

namespace {

/// Collects while it lives; the callbacks have no state of their own and work on one thread.
struct Collector {
  Trace trace;
  std::set<TensorId> weights;
  std::vector<at::Tensor> alive;    // so that no two tensors get one address
  std::vector<size_t> open_runs;    // innermost last
  std::vector<int> open_functions;  // of each of them: operations call others
};

thread_local Collector* current = nullptr;

/// A tensor, or the tensors of a list.
std::vector<at::Tensor> tensors_of(const c10::IValue& value) {
  if (value.isTensor()) {
    return value.toTensor().defined() ? std::vector<at::Tensor>{value.toTensor()}
                                      : std::vector<at::Tensor>();
  }
  return value.isTensorList() ? value.toTensorVector() : std::vector<at::Tensor>();
}

template <class Values>
std::vector<TensorId> ids_of(const Values& values) {
  std::vector<TensorId> ids;
  for (const c10::IValue& value : values) {
    for (const at::Tensor& tensor : tensors_of(value)) {
      current->alive.push_back(tensor);
      ids.push_back(tensor.unsafeGetTensorImpl());
    }
  }
  return ids;
}

struct Observation : at::ObserverContext {
  bool is_run = false;
  bool outermost = false;
  std::vector<TensorId> inputs;
};

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
  if (current == nullptr) return nullptr;
  auto seen = std::make_unique<Observation>();
  if (function.scope() == at::RecordScope::USER_SCOPE) {
    seen->is_run = true;
    std::vector<PartRun>& runs = current->trace.runs;
    runs[current->open_runs.back()].items.push_back({/*is_run=*/true, runs.size()});
    current->open_runs.push_back(runs.size());
    current->open_functions.push_back(0);
    runs.push_back({function.name(), {}});
    return seen;
  }
  seen->outermost = current->open_functions.back()++ == 0;
  if (seen->outermost) seen->inputs = ids_of(function.inputs());
  return seen;
}

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  auto* seen = static_cast<Observation*>(context);
  if (seen == nullptr || current == nullptr) return;
  if (seen->is_run) {
    current->open_runs.pop_back();
    current->open_functions.pop_back();
    return;
  }
  --current->open_functions.back();
  if (!seen->outermost) return;
  Trace& trace = current->trace;
  Operation operation{function.name(), std::move(seen->inputs), ids_of(function.outputs())};
  bool flows = false;
  for (const TensorId input : operation.inputs) {
    operation.uses_weights = operation.uses_weights || current->weights.count(input) != 0;
    flows = flows || trace.flowing.count(input) != 0;
  }
  // What is made of weights alone is one: a transposed matrix.
  std::set<TensorId>& made = flows ? trace.flowing : current->weights;
  if (flows || operation.uses_weights) {
    made.insert(operation.outputs.begin(), operation.outputs.end());
  }
  trace.runs[current->open_runs.back()].items.push_back(
      {/*is_run=*/false, trace.operations.size()});
  trace.operations.push_back(std::move(operation));
}

/// Hears of operations while it lives.
class Listening {
 public:
  explicit Listening(Collector& collector) {
    current = &collector;
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(&on_start, &on_end)
            .needsInputs(true)
            .needsOutputs(true)
            .scopes({at::RecordScope::FUNCTION, at::RecordScope::USER_SCOPE}));
  }
  ~Listening() {
    at::removeCallback(handle_);
    current = nullptr;
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

 private:
  uint64_t handle_ = 0;
};

}  // namespace

Trace trace(model::Network& network, const torch::Tensor& sample) {
  Collector collector;
  collector.trace.runs.push_back({"", {}});
  collector.trace.flowing.insert(sample.unsafeGetTensorImpl());
  collector.open_runs = {0};
  collector.open_functions = {0};
  for (const auto& entry : network.state()) {
    collector.weights.insert(entry.second.unsafeGetTensorImpl());
  }
  const bool was_training = network.is_training();
  network.eval();
  {
    const torch::NoGradGuard no_grad;
    const Listening listening(collector);
    collector.trace.answer_sizes = network.forward(sample).sizes().vec();
  }
  network.train(was_training);
  return std::move(collector.trace);
}

}  // namespace mixwright::draw
