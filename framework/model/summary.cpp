#include "framework/model/summary.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include <nlohmann/json.hpp>

#include "framework/model/factory.h"
#include "framework/model/meta_device.h"
#include "framework/model/operation_counter.h"

namespace mixwright::model {

namespace {

int64_t numel_of(const torch::nn::Module& module) {
  int64_t sum = 0;
  for (const torch::Tensor& parameter : module.parameters()) sum += parameter.numel();
  return sum;
}

bool lies_below(const std::string& path, const std::string& root) {
  return path == root ||
         (path.size() > root.size() && path.starts_with(root) && path[root.size()] == '.');
}

int64_t sum_below(const std::map<std::string, int64_t>& by_part, const std::string& root) {
  int64_t sum = 0;
  for (const auto& [path, value] : by_part) {
    if (lies_below(path, root)) sum += value;
  }
  return sum;
}

/// Runs samples in training mode and gives, by part, the bytes that are alive before backward, for
/// one of them.
/// Storages, not addresses, tell memory apart: on the meta device it has no address.
std::map<std::string, int64_t> kept_bytes(Network& network) {
  constexpr int64_t kSamples = 2;  // batch norms refuse one
  std::set<const c10::StorageImpl*> known;
  for (const auto& entry : network.state()) {
    known.insert(entry.second.storage().unsafeGetStorageImpl());
  }
  const torch::Tensor sample = zero_sample(network.input_shape(), kSamples);
  known.insert(sample.storage().unsafeGetStorageImpl());
  std::vector<torch::Tensor> buffers;  // running statistics move in training mode
  for (const torch::Tensor& buffer : network.buffers()) buffers.push_back(buffer.clone());
  network.train();
  const torch::AutoGradMode with_gradients(true);
  const OperationCounter counter;
  const torch::Tensor answer = network.forward(sample);
  std::map<std::string, int64_t> bytes;
  for (const WrittenMemory& memory : counter.counts().written) {
    const auto storage = memory.storage.lock();  // null: nobody needed it any more
    if (storage && known.insert(storage.get()).second) {
      bytes[memory.part] += static_cast<int64_t>(storage->nbytes());
    }
  }
  for (auto& entry : bytes) entry.second /= kSamples;
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < buffers.size(); ++i) network.buffers()[i].copy_(buffers[i]);
  return bytes;
}

std::string with_commas(int64_t value) {
  std::string digits = std::to_string(value);
  for (int64_t i = static_cast<int64_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<size_t>(i), ",");
  }
  return digits;
}

/// The path without that of the innermost part around it.
std::string short_name(const PartCount& part, const std::vector<PartCount>& parts) {
  size_t cut = 0;
  for (const PartCount& other : parts) {
    if (other.path != part.path && lies_below(part.path, other.path)) {
      cut = std::max(cut, other.path.size() + 1);
    }
  }
  return part.path.substr(cut);
}

std::string scaled(int64_t value, double unit, const char* suffix) {
  char text[40];
  std::snprintf(text, sizeof text, "%.2f%s", static_cast<double>(value) / unit, suffix);
  return text;
}

}  // namespace

torch::Tensor zero_sample(const Shape& input, int64_t batch) {
  std::vector<int64_t> sizes = {batch};
  sizes.insert(sizes.end(), input.grid.begin(), input.grid.end());
  if (input.channels == 0) return torch::zeros(sizes, torch::kInt64);
  sizes.push_back(input.channels);
  return torch::zeros(sizes);
}

Summary summarize(Network& network) {
  Summary summary;
  for (const auto& [name, tensor] : network.state()) {
    (void)name;
    summary.parameter_bytes += static_cast<int64_t>(tensor.nbytes());
  }
  for (const auto& buffer : network.buffers()) summary.buffers += buffer.numel();
  for (const auto& entry : network.trained_parameters()) {
    summary.trained_parameters += entry.second.numel();
  }
  int64_t all = 0;
  for (const auto& [name, tensor] : network.state()) {
    (void)name;
    all += tensor.numel();
  }
  summary.parameters = all - summary.buffers;

  const bool was_training = network.is_training();
  network.eval();
  const torch::Tensor sample = zero_sample(network.input_shape());
  OperationCounts counts;
  {
    const torch::NoGradGuard no_grad;
    const OperationCounter counter;
    network.forward(sample);
    counts = counter.counts();
  }
  const std::map<std::string, int64_t> kept = kept_bytes(network);
  network.train(was_training);
  summary.macs = counts.total();
  summary.macs_by_operation = counts.macs;
  for (const auto& entry : kept) summary.activation_bytes += entry.second;
  summary.uncounted.assign(counts.uncounted.begin(), counts.uncounted.end());

  for (const auto& entry : network.named_modules("", /*include_self=*/false)) {
    const auto* part = dynamic_cast<const Part*>(entry.value().get());
    const bool stage = dynamic_cast<const StageImpl*>(entry.value().get()) != nullptr;
    if (part == nullptr && !stage) continue;
    PartCount count;
    count.path = entry.key();
    count.parameters = numel_of(*entry.value());
    count.macs = sum_below(counts.macs_by_part, config_words(entry.key()));
    count.kept_bytes = sum_below(kept, config_words(entry.key()));
    if (part != nullptr) count.component = part->component();
    if (const auto* layer = dynamic_cast<const Layer*>(part)) {
      count.out_shape = layer->out_shape().text();
    }
    for (const PartCount& other : summary.parts) {
      if (lies_below(count.path, other.path)) count.depth = std::max(count.depth, other.depth + 1);
    }
    summary.parts.push_back(count);
  }
  return summary;
}

Summary summarize_without_values(const config::RunConfig& config,
                                 const InputSignal& input,
                                 const PartFactory& factory) {
  const MetaDevice meta;
  const std::shared_ptr<Network> network = assemble(config, input, factory);
  // What a part made on a device of its own choice.
  network->move_to(torch::kMeta);
  return summarize(*network);
}

Summary summarize(const config::RunConfig& config,
                  const InputSignal& input,
                  const PartFactory& factory) {
  try {
    return summarize_without_values(config, input, factory);
  } catch (const std::exception&) {
    // Either a part reads a value, or the network is wrong and this says it once more.
    return summarize(*assemble(config, input, factory));
  }
}

std::string summary_text(const Summary& summary, const std::string& name, int depth) {
  std::string text = name + "\n";
  char line[400];
  const char* format = "%-36s %-22s %-18s %14s %16s %9s %9s\n";
  std::snprintf(line,
                sizeof line,
                format,
                "part",
                "component",
                "out shape",
                "parameters",
                "MACs",
                "GFLOP",
                "kept MiB");
  text += line;
  for (const PartCount& part : summary.parts) {
    if (part.depth >= depth) continue;
    const std::string name_here =
        std::string(static_cast<size_t>(part.depth) * 2, ' ') + short_name(part, summary.parts);
    std::snprintf(line,
                  sizeof line,
                  format,
                  name_here.c_str(),
                  part.component.substr(0, part.component.find(',')).c_str(),
                  part.out_shape.c_str(),
                  with_commas(part.parameters).c_str(),
                  with_commas(part.macs).c_str(),
                  scaled(2 * part.macs, 1e9, "").c_str(),
                  scaled(part.kept_bytes, 1048576.0, "").c_str());
    text += line;
  }
  text += "\nparameters  " + with_commas(summary.parameters) + " (" +
          with_commas(summary.trained_parameters) + " trained), buffers " +
          with_commas(summary.buffers) + " elements, " +
          scaled(summary.parameter_bytes, 1048576.0, " MiB") + "\n";
  text += "one sample  " + with_commas(summary.macs) + " multiply-accumulates, " +
          scaled(2 * summary.macs, 1e9, " GFLOP") + " (";
  for (const auto& [operation, macs] : summary.macs_by_operation) {
    text += (text.back() == '(' ? "" : ", ") + operation + " " + with_commas(macs);
  }
  text +=
      ")\n            one multiply-accumulate is two FLOP; norms, activations, sums are not "
      "counted\n";
  text += "training    " + scaled(summary.activation_bytes, 1048576.0, " MiB") +
          " of activations kept for backward, in float32; sample, weights, gradients and the loss "
          "come on top\n";
  for (const std::string& operation : summary.uncounted) {
    text += "uncounted   " + operation + "\n";
  }
  return text;
}

std::string summary_json(const Summary& summary, const std::string& name) {
  nlohmann::ordered_json json;
  json["name"] = name;
  json["parameters"] = summary.parameters;
  json["trained_parameters"] = summary.trained_parameters;
  json["buffer_elements"] = summary.buffers;
  json["macs"] = summary.macs;
  json["flops"] = 2 * summary.macs;
  json["macs_by_operation"] = summary.macs_by_operation;
  json["uncounted"] = summary.uncounted;
  json["parameter_bytes"] = summary.parameter_bytes;
  json["activation_bytes"] = summary.activation_bytes;
  json["parts"] = nlohmann::ordered_json::array();
  for (const PartCount& part : summary.parts) {
    json["parts"].push_back({{"path", part.path},
                             {"component", part.component},
                             {"out_shape", part.out_shape},
                             {"parameters", part.parameters},
                             {"macs", part.macs},
                             {"flops", 2 * part.macs},
                             {"kept_bytes", part.kept_bytes}});
  }
  return json.dump(2);
}

}  // namespace mixwright::model
