#include "framework/model/operation_counter.h"

#include <ATen/record_function.h>

namespace mixwright::model {

namespace {

// The callbacks have no state of their own; a counter works on one thread at a time.
thread_local OperationCounts* current_counts = nullptr;
thread_local std::vector<std::string> current_parts;
thread_local int inside_counted = 0;
thread_local int64_t counted_operations = 0;

int64_t numel(const c10::IValue& value) {
  return value.isTensor() ? value.toTensor().numel() : 0;
}

// oneDNN's, in training and in forms for inference.
constexpr const char* kPackedLinear = "mkldnn::_linear_pointwise";
constexpr const char* kPackedConvolution = "mkldnn::_convolution_pointwise";

/// What the user is told: the same word for the same mathematics.
std::string shown_name(const std::string& name) {
  std::string word = name.substr(name.rfind(':') + 1);
  if (name != kPackedLinear && name != kPackedConvolution) return word;
  return word.substr(1, word.rfind('_') - 1);  // of _word_pointwise
}

/// MACs by the operation's own inputs and outputs; -1: no rule.
int64_t macs_of(const std::string& name,
                const std::vector<c10::IValue>& in,
                const std::vector<c10::IValue>& out) {
  const auto tensor = [&](size_t i) { return in[i].toTensor(); };
  if (name == "aten::convolution" || name == "aten::_convolution") {
    // Every output element is a sum over in / groups x kernel; transposed, every input element goes
    // into out / groups x kernel sums.
    return (in.at(6).toBool() ? tensor(0).numel() : numel(out.at(0))) * tensor(1)[0].numel();
  }
  if (name == "aten::mm" || name == "aten::bmm") return numel(out.at(0)) * tensor(0).size(-1);
  if (name == "aten::addmm" || name == "aten::baddbmm") {
    return numel(out.at(0)) * tensor(1).size(-1);
  }
  if (name == kPackedConvolution) return numel(out.at(0)) * tensor(1).numel() / tensor(1).size(0);
  if (name == kPackedLinear) return numel(out.at(0)) * tensor(0).size(-1);
  if (name == "aten::linear") return numel(out.at(0)) * tensor(0).size(-1);
  if (name == "aten::mv" || name == "aten::dot") return tensor(0).numel();
  if (name == "aten::scaled_dot_product_attention") {
    const at::Tensor q = tensor(0);
    const int64_t keys = tensor(1).size(-2);
    // q k^T and the weighted sum of v
    return q.numel() * keys + q.numel() / q.size(-1) * keys * tensor(2).size(-1);
  }
  return -1;
}

bool is_counted(const std::string& name) {
  static const std::set<std::string> kNames = {"aten::convolution",
                                               "aten::_convolution",
                                               "aten::mm",
                                               "aten::bmm",
                                               "aten::addmm",
                                               "aten::baddbmm",
                                               "aten::linear",
                                               "aten::mv",
                                               "aten::dot",
                                               kPackedLinear,
                                               kPackedConvolution,
                                               "aten::scaled_dot_product_attention"};
  return kNames.count(name) != 0;
}

/// By its name it multiplies matrices. Whoever calls only what is counted is not meant.
bool is_suspicious(const std::string& name) {
  for (const char* word : {"gamma", "upsample"}) {
    if (name.find(word) != std::string::npos) return false;
  }
  for (const char* word :
       {"mm", "mv", "dot", "conv", "attention", "einsum", "bilinear", "rnn", "lstm", "gru"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

struct Observation : at::ObserverContext {
  bool part = false;
  bool counted = false;
  bool suspicious = false;
  int64_t counted_before = 0;
  std::vector<c10::IValue> inputs;  // the function's own view of them ends with on_start
};

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
  if (current_counts == nullptr) return nullptr;
  auto seen = std::make_unique<Observation>();
  if (function.scope() == at::RecordScope::USER_SCOPE) {
    seen->part = true;
    current_parts.emplace_back(function.name());
    return seen;
  }
  const std::string name = function.name();
  if (is_counted(name)) {
    seen->counted = true;
    seen->inputs.assign(function.inputs().begin(), function.inputs().end());
    ++inside_counted;  // what a counted operation calls is part of it
  } else if (inside_counted == 0 && is_suspicious(name)) {
    seen->suspicious = true;
    seen->counted_before = counted_operations;
  }
  return seen;
}

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  auto* seen = static_cast<Observation*>(context);
  if (seen == nullptr || current_counts == nullptr) return;
  if (seen->part) {
    current_parts.pop_back();
    return;
  }
  for (const c10::IValue& output : function.outputs()) {
    if (output.isTensor() && output.toTensor().defined() && output.toTensor().has_storage()) {
      current_counts->written.push_back({output.toTensor().storage().getWeakStorageImpl(),
                                         current_parts.empty() ? "" : current_parts.back()});
    }
  }
  const std::string name = function.name();
  if (seen->suspicious && counted_operations == seen->counted_before) {
    current_counts->uncounted.insert(name);
  }
  if (!seen->counted || --inside_counted > 0) return;
  ++counted_operations;
  const int64_t macs = macs_of(name, seen->inputs, function.outputs());
  if (macs < 0) return;
  current_counts->macs[shown_name(name)] += macs;
  current_counts->macs_by_part[current_parts.empty() ? "" : current_parts.back()] += macs;
}

}  // namespace

int64_t OperationCounts::total() const {
  int64_t sum = 0;
  for (const auto& entry : macs) sum += entry.second;
  return sum;
}

OperationCounter::OperationCounter() {
  current_counts = &counts_;
  current_parts.clear();
  inside_counted = 0;
  counted_operations = 0;
  handle_ = at::addThreadLocalCallback(
      at::RecordFunctionCallback(&on_start, &on_end)
          .needsInputs(true)
          .needsOutputs(true)
          .scopes({at::RecordScope::FUNCTION, at::RecordScope::USER_SCOPE}));
}

OperationCounter::~OperationCounter() {
  at::removeCallback(handle_);
  current_counts = nullptr;
}

}  // namespace mixwright::model
