#include "framework/model/network.h"

#include <algorithm>

#include <mixwright/error.h>

#include "framework/model/recompute.h"

namespace mixwright::model {

StageImpl::StageImpl(LayerPtr embedding,
                     std::vector<LayerPtr> blocks,
                     int64_t repeat,
                     bool recompute)
    : embedding_(std::move(embedding)),
      blocks_(std::move(blocks)),
      repeat_(repeat),
      recompute_(recompute) {
  if (embedding_) register_module("embedding", embedding_);
  torch::nn::ModuleList list;
  for (const LayerPtr& block : blocks_) list->push_back(block);
  register_module("blocks", list);
}

torch::Tensor StageImpl::forward(const torch::Tensor& x, const Context& context) {
  torch::Tensor y = run(embedding_, x, context);
  // What needs no gradient itself would cut the blocks' parameters off.
  const bool again = recompute_ && is_training() && torch::GradMode::is_enabled();
  for (int64_t i = 0; i < repeat_; ++i) {
    for (const LayerPtr& block : blocks_) {
      y = again && y.requires_grad() ? recomputed(block, y, context) : (*block)(y, context);
    }
  }
  return y;
}

Network::Network(Shape input, std::vector<Stage> stages, std::shared_ptr<Head> head)
    : input_(std::move(input)), stages_(std::move(stages)), head_(std::move(head)) {
  torch::nn::ModuleList list;
  for (const Stage& stage : stages_) list->push_back(stage);
  register_module("stages", list);
  if (head_) register_module("head", head_);
}

Network::Network(Shape input, LayerPtr whole, std::shared_ptr<Head> head)
    : input_(std::move(input)), whole_(std::move(whole)), head_(std::move(head)) {
  register_module("network", whole_);
  if (head_) register_module("head", head_);
}

void Network::check_input(const torch::Tensor& input) const {
  const bool ids = input_.channels == 0;
  const int64_t dims = input_.rank() + (ids ? 1 : 2);
  if (input.dim() == dims && (ids || input.size(-1) == input_.channels)) return;
  throw Error("input " + list_text(input.sizes().vec()) + ": [batch, " +
              (ids ? list_text(input_.grid) : input_.text()).substr(1) +
              " expected, as in model.input.shape; features are channels last");
}

torch::Tensor Network::forward(const torch::Tensor& input, const Context& context) {
  const Features seen = features(input, context);
  return head_ ? (*head_)(seen) : seen.last;
}

TaughtAnswers Network::taught_answers(const torch::Tensor& input) {
  const Features seen = features(input, {});
  if (auto* head = dynamic_cast<AnswersTeacher*>(head_.get())) return head->taught_answers(seen);
  const torch::Tensor answer = head_ ? (*head_)(seen) : seen.last;
  return {answer, answer};
}

Features Network::features(const torch::Tensor& input, const Context& context) {
  check_input(input);
  Features features;
  if (head_ && head_->needs_input()) features.input = input;
  torch::Tensor x = run(whole_, input, context);
  if (whole_ && head_ && head_->needs_stages()) features.stages.push_back(x);
  for (Stage& stage : stages_) {
    x = stage->forward(x, context);
    if (head_ && head_->needs_stages()) features.stages.push_back(x);
  }
  features.last = x;
  return features;
}

torch::Tensor Network::penalty() {
  torch::Tensor sum;
  for (const auto& module : modules(/*include_self=*/false)) {
    auto* part = dynamic_cast<Part*>(module.get());
    if (part == nullptr) continue;
    const torch::Tensor term = part->penalty();
    if (term.defined()) sum = sum.defined() ? sum + term : term;
  }
  return sum;
}

namespace {

/// What has a form answers for all that lies within it.
int64_t use_forms_below(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const auto& child : module.children()) {
    auto* layer = dynamic_cast<Layer*>(child.get());
    if (layer != nullptr && layer->use_inference_form()) {
      ++count;
    } else {
      count += use_forms_below(*child);
    }
  }
  return count;
}

}  // namespace

int64_t Network::use_inference_forms() {
  return use_forms_below(*this);
}

bool Network::is_shared_target(const std::string& name) const {
  return std::any_of(shared_.begin(), shared_.end(), [&](const SharedTensor& pair) {
    return pair.target == name;
  });
}

void Network::share(const std::vector<SharedTensor>& pairs) {
  const auto parameters = named_parameters();
  std::vector<std::string> names = parameters.keys();
  for (const SharedTensor& pair : pairs) {
    for (const std::string& name : {pair.target, pair.source}) {
      if (!parameters.contains(name)) {
        throw UsageError("model.share: the network has no parameter \"" + name + "\"" +
                         did_you_mean(name, names));
      }
    }
    const torch::Tensor& target = parameters[pair.target];
    const torch::Tensor& source = parameters[pair.source];
    if (target.sizes() != source.sizes()) {
      throw UsageError("model.share: \"" + pair.target + "\" " + list_text(target.sizes().vec()) +
                       " and \"" + pair.source + "\" " + list_text(source.sizes().vec()) +
                       " have different shapes");
    }
    // The module that owns the target holds its own handle, so the memory is shared, not the
    // handle; gradients meet in gather_shared_gradients.
    target.set_data(source.data());
    if (!is_shared_target(pair.target)) shared_.push_back(pair);
  }
}

void Network::move_to(const torch::Device& device) {
  to(device);
  share(std::vector<SharedTensor>(shared_));  // `to` gives every handle memory of its own
}

void Network::gather_shared_gradients() {
  if (shared_.empty()) return;
  auto parameters = named_parameters();
  for (const SharedTensor& pair : shared_) {
    torch::Tensor& target = parameters[pair.target];
    torch::Tensor& source = parameters[pair.source];
    if (!target.grad().defined()) continue;
    source.mutable_grad() =
        source.grad().defined() ? source.grad() + target.grad() : target.grad().clone();
    target.mutable_grad() = torch::Tensor();
  }
}

std::vector<NamedTensor> Network::trained_parameters() const {
  std::vector<NamedTensor> result;
  for (const auto& entry : named_parameters()) {
    if (entry.value().requires_grad() && !is_shared_target(entry.key())) {
      result.emplace_back(entry.key(), entry.value());
    }
  }
  return result;
}

std::vector<NamedTensor> Network::state() const {
  std::vector<NamedTensor> result;
  for (const auto& entry : named_parameters()) {
    if (!is_shared_target(entry.key())) result.emplace_back(entry.key(), entry.value());
  }
  for (const auto& entry : named_buffers()) result.emplace_back(entry.key(), entry.value());
  return result;
}

}  // namespace mixwright::model
