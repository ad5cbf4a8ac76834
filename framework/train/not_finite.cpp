#include "framework/train/not_finite.h"

#include <algorithm>
#include <span>

#include <spdlog/fmt/fmt.h>

#include "framework/model/finite_check.h"
#include "framework/train/device.h"

namespace mixwright::train {

namespace {

std::string sample_list(const std::vector<int64_t>& samples) {
  constexpr size_t kShown = 8;
  const auto shown = std::span(samples).first(std::min(samples.size(), kShown));
  const size_t more = samples.size() - shown.size();
  return fmt::format("sample{} {}{}",
                     samples.size() == 1 ? "" : "s",
                     fmt::join(shown, ", "),
                     more > 0 ? fmt::format(" and {} more", more) : "");
}

/// The samples whose row of `rows` [batch, …] is not finite.
void add_bad_rows(const torch::Tensor& rows, const Batch& batch, std::vector<int64_t>& samples) {
  if (!rows.defined() || !rows.is_floating_point()) return;
  const torch::Tensor good = rows.flatten(1).isfinite().all(1).cpu();
  for (int64_t i = 0; i < good.size(0); ++i) {
    if (!good[i].item<bool>()) samples.push_back(batch.indices[i].item<int64_t>());
  }
}

/// All samples of the step.
std::vector<int64_t> samples_of(const std::vector<Batch>& batches) {
  std::vector<int64_t> samples;
  for (const Batch& batch : batches) {
    const auto* index = batch.indices.const_data_ptr<int64_t>();
    samples.insert(samples.end(), index, index + batch.indices.numel());
  }
  return samples;
}

std::vector<int64_t> bad_inputs(const std::vector<Batch>& batches) {
  std::vector<int64_t> samples;
  for (const Batch& batch : batches) add_bad_rows(batch.inputs, batch, samples);
  return samples;
}

/// Those whose own loss is not finite, network and task run on each alone.
std::vector<int64_t> bad_losses(model::Network& network, const Task& task, const Batch& batch) {
  const torch::NoGradGuard no_grad;
  std::vector<int64_t> samples;
  const torch::Tensor output = to_float32(network.forward(batch.inputs));
  for (int64_t i = 0; i < batch.inputs.size(0); ++i) {
    Batch one;
    one.inputs = batch.inputs.narrow(0, i, 1);
    one.targets = batch.targets.defined() ? batch.targets.narrow(0, i, 1) : batch.targets;
    one.indices = batch.indices.narrow(0, i, 1);
    if (!model::all_finite(task.loss(output.narrow(0, i, 1), one))) {
      samples.push_back(batch.indices[i].item<int64_t>());
    }
  }
  return samples;
}

NotFiniteCause cause(std::string part, std::vector<int64_t> samples, std::string text) {
  return {std::move(part), std::move(samples), std::move(text)};
}

}  // namespace

NotFiniteCause find_not_finite(model::Network& network,
                               const Task& task,
                               const std::vector<Batch>& batches,
                               const std::vector<TrainedTensor>& tensors) {
  if (std::vector<int64_t> samples = bad_inputs(batches); !samples.empty()) {
    const std::string text = "the input of " + sample_list(samples);
    return cause("input", std::move(samples), text);
  }
  if (const std::string name = model::first_not_finite_tensor(network); !name.empty()) {
    return cause(name, {}, "the values of " + name);
  }
  for (const Batch& batch : batches) {
    if (!batch.inputs.defined()) continue;
    const std::string part = model::first_not_finite_part(network, batch.inputs);
    std::vector<int64_t> samples = bad_losses(network, task, batch);
    const std::string of = samples.empty() ? "" : " of " + sample_list(samples);
    if (!part.empty()) return cause(part, std::move(samples), "what " + part + " gives" + of);
    if (!samples.empty()) return cause("loss", std::move(samples), "the loss" + of);
  }
  NotFiniteCause nearest_to_the_end;
  for (const TrainedTensor& entry : tensors) {
    const torch::Tensor& gradient = entry.tensor.grad();
    if (gradient.defined() && !model::all_finite(gradient)) {
      nearest_to_the_end = cause(entry.name, {}, "the gradient of " + entry.name);
    }
  }
  return nearest_to_the_end;
}

nlohmann::ordered_json not_finite_line(const NotFiniteCause& cause,
                                       const std::vector<Batch>& batches) {
  nlohmann::ordered_json line;
  line["kind"] = "not_finite";
  line["part"] = cause.part;
  line["samples"] = cause.samples.empty() ? samples_of(batches) : cause.samples;
  return line;
}

}  // namespace mixwright::train
