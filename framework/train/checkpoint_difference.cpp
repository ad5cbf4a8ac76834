#include "framework/train/checkpoint_difference.h"

#include <cstring>
#include <set>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/config/toml_reader.h"
#include "framework/io/safetensors.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

bool same_bits(const torch::Tensor& a, const torch::Tensor& b) {
  return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type() &&
         std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0;
}

std::string tensor_difference(const fs::path& a, const fs::path& b) {
  const io::SafetensorsFile left = io::SafetensorsFile::open(a);
  const io::SafetensorsFile right = io::SafetensorsFile::open(b);
  const std::string file = a.filename().string();
  if (left.entries().size() != right.entries().size()) {
    return fmt::format(
        "{} has {} tensors and {}", file, left.entries().size(), right.entries().size());
  }
  for (const io::TensorEntry& entry : left.entries()) {
    if (!right.contains(entry.name)) return file + ": \"" + entry.name + "\" stands in one only";
    const torch::Tensor ours = left.read(entry.name);
    const torch::Tensor theirs = right.read(entry.name);
    if (same_bits(ours, theirs)) continue;
    if (ours.sizes() != theirs.sizes())
      return file + ": \"" + entry.name + "\" differs in its size";
    const double most =
        (ours.to(torch::kFloat64) - theirs.to(torch::kFloat64)).abs().max().item<double>();
    return fmt::format("{}: \"{}\" differs by up to {:.3g}", file, entry.name, most);
  }
  return {};
}

std::string state_difference(const fs::path& a, const fs::path& b) {
  const ConfigValue left = config::read_toml_file(a.string());
  const ConfigValue right = config::read_toml_file(b.string());
  for (const std::string& key : left.keys()) {
    if (key == "seconds") continue;  // what no two trainings share
    const ConfigValue* theirs = right.find(key);
    const std::string ours = left.find(key)->toml();
    if (theirs == nullptr || theirs->toml() != ours) {
      return "state.toml: " + key + " is " + ours + " and " +
             (theirs == nullptr ? "missing" : theirs->toml());
    }
  }
  return {};
}

}  // namespace

std::string checkpoint_difference(const fs::path& a, const fs::path& b) {
  std::set<std::string> names;
  for (const fs::path& folder : {a, b}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      names.insert(entry.path().filename().string());
    }
  }
  for (const std::string& name : names) {
    if (!fs::exists(a / name) || !fs::exists(b / name)) return name + " stands in one only";
    const bool tensors = fs::path(name).extension() == ".safetensors";
    const std::string difference =
        tensors ? tensor_difference(a / name, b / name) : state_difference(a / name, b / name);
    if (!difference.empty()) return difference;
  }
  return {};
}

}  // namespace mixwright::train
