#include "framework/train/start_weights.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include <mixwright/error.h>

#include "framework/io/safetensors.h"
#include "framework/model/name_pattern.h"
#include "framework/train/checkpoint.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

/// The patterns of `start.except`, and whether each was of use.
class Exceptions {
 public:
  explicit Exceptions(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) patterns_.emplace_back(text);
    used_.resize(patterns_.size());
  }
  bool match(const std::string& name) {
    bool found = false;
    for (size_t i = 0; i < patterns_.size(); ++i) {
      if (!patterns_[i].match(name)) continue;
      found = used_[i] = true;
    }
    return found;
  }
  void require_all_used() const {
    for (size_t i = 0; i < patterns_.size(); ++i) {
      if (!used_[i]) {
        throw UsageError("train.start.except: \"" + patterns_[i].text() +
                         "\" matches no tensor of the network or of the file");
      }
    }
  }

 private:
  std::vector<model::NamePattern> patterns_;
  std::vector<bool> used_;
};

SavedWeights read_start(const fs::path& from) {
  if (fs::is_directory(from)) {
    const fs::path folder = Checkpoints(from).best_or_last().value_or(from);
    if (Checkpoints::is_checkpoint(folder)) return Checkpoints::read_weights(folder);
    throw UsageError("train.start.from: " + from.string() +
                     " holds no checkpoint; a run's folder, a checkpoint's folder or a safetensors "
                     "file expected");
  }
  SavedWeights weights{from, {}};
  const io::SafetensorsFile file = io::SafetensorsFile::open(from);
  for (const io::TensorEntry& entry : file.entries()) {
    weights.tensors[entry.name] = file.read(entry.name);
  }
  return weights;
}

}  // namespace

StartReport take_start_weights(model::Network& network, const StartOptions& start) {
  const torch::NoGradGuard no_grad;
  SavedWeights weights = read_start(start.from);
  std::map<std::string, torch::Tensor>& values = weights.tensors;
  StartReport report;
  report.file = weights.file.string();
  Exceptions exceptions(start.except);
  const auto refuse = [&](const std::string& name, const std::string& what) {
    throw UsageError(report.file + ": \"" + name + "\" " + what +
                     "; list what is to begin fresh in train.start.except, such as "
                     "\"head.{rest:*}\", or bring the file into this network's names by "
                     "`mixwright weights import`");
  };
  for (auto& [name, tensor] : network.state()) {
    const auto found = values.find(name);
    if (exceptions.match(name)) {
      report.fresh.push_back(name);
    } else if (found == values.end()) {
      refuse(name, "is missing there");
    } else if (found->second.sizes() != tensor.sizes()) {
      refuse(name,
             "is " + list_text(found->second.sizes().vec()) + " there and " +
                 list_text(tensor.sizes().vec()) + " in this network");
    } else {
      tensor.copy_(found->second);
      ++report.taken;
    }
    if (found != values.end()) values.erase(found);
  }
  for (const auto& [name, tensor] : values) {
    if (!exceptions.match(name)) refuse(name, "is no tensor of this network");
  }
  exceptions.require_all_used();
  return report;
}

}  // namespace mixwright::train
