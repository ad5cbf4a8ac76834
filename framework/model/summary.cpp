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

int64_t macs_below(const OperationCounts& counts, const std::string& root) {
  int64_t sum = 0;
  for (const auto& [path, macs] : counts.macs_by_part) {
    if (lies_below(path, root)) sum += macs;
  }
  return sum;
}

/// Bytes of all memory that operations of the forward pass wrote, each once: what training keeps
/// of one sample at most. Storages, not addresses, tell memory apart: on the meta device it has no
/// address.
int64_t written_bytes(const OperationCounts& counts, const Network& network) {
  std::set<const c10::StorageImpl*> known;
  for (const auto& entry : network.state()) {
    known.insert(entry.second.storage().unsafeGetStorageImpl());
  }
  int64_t bytes = 0;
  for (const torch::Tensor& tensor : counts.outputs) {
    if (known.insert(tensor.storage().unsafeGetStorageImpl()).second) {
      bytes += static_cast<int64_t>(tensor.storage().nbytes());
    }
  }
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

torch::Tensor zero_sample(const Shape& input) {
  std::vector<int64_t> sizes = {1};
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
  network.train(was_training);
  summary.macs = counts.total();
  summary.macs_by_operation = counts.macs;
  summary.activation_bytes = written_bytes(counts, network);
  summary.uncounted.assign(counts.uncounted.begin(), counts.uncounted.end());

  for (const auto& entry : network.named_modules("", /*include_self=*/false)) {
    const auto* part = dynamic_cast<const Part*>(entry.value().get());
    const bool stage = dynamic_cast<const StageImpl*>(entry.value().get()) != nullptr;
    if (part == nullptr && !stage) continue;
    PartCount count;
    count.path = entry.key();
    count.parameters = numel_of(*entry.value());
    count.macs = macs_below(counts, config_words(entry.key()));
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
  const char* format = "%-36s %-22s %-18s %14s %16s\n";
  std::snprintf(line, sizeof line, format, "part", "component", "out shape", "parameters", "MACs");
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
                  with_commas(part.macs).c_str());
    text += line;
  }
  text += "\nparameters  " + with_commas(summary.parameters) + " (" +
          with_commas(summary.trained_parameters) + " trained), buffers " +
          with_commas(summary.buffers) + " elements, " +
          scaled(summary.parameter_bytes, 1048576.0, " MiB") + "\n";
  text += "one sample  " + with_commas(summary.macs) + " multiply-accumulates, " +
          scaled(2 * summary.macs, 1e9, " GFLOP") + ", activations at most " +
          scaled(summary.activation_bytes, 1048576.0, " MiB") + " (";
  for (const auto& [operation, macs] : summary.macs_by_operation) {
    text += (text.back() == '(' ? "" : ", ") + operation + " " + with_commas(macs);
  }
  text += ")\n";
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
                             {"macs", part.macs}});
  }
  return json.dump(2);
}

}  // namespace mixwright::model
