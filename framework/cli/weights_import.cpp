#include <algorithm>
#include <map>

#include <spdlog/spdlog.h>

#include "framework/cli/weight_table.h"
#include "framework/cli/weights_files.h"
#include "framework/config/loader.h"
#include "framework/model/adaptation.h"
#include "framework/model/weights.h"

namespace mixwright::cli {

namespace {

using model::NamedTensors;
using model::WeightFault;
using model::WeightMove;

/// What wrappers of modules put in front of names; one, or several behind each other, up to three.
std::vector<std::string> usual_prefixes(const NamedTensors& sources) {
  std::vector<std::string> found = {""};
  for (size_t i = 0; i < found.size(); ++i) {
    for (const char* word : {"module.", "model.", "state_dict."}) {
      const std::string longer = found[i] + word;
      const auto first = sources.lower_bound(longer);
      const bool used = first != sources.end() && first->first.starts_with(longer);
      if (used && std::count(longer.begin(), longer.end(), '.') <= 3) found.push_back(longer);
    }
  }
  return found;
}

/// The prefix behind which most names are known to the map, the shortest of several.
std::string find_prefix(const NamedTensors& sources,
                        const model::WeightMap& map,
                        const NamedTensors& targets) {
  std::string best;
  size_t most = 0;
  for (const std::string& prefix : usual_prefixes(sources)) {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : model::WeightMap::with_prefix(sources, prefix)) {
      names.push_back(name);
    }
    const size_t known = map.count_known(names, targets);
    if (known > most) {
      most = known;
      best = prefix;
    }
  }
  return best;
}

class Import {
 public:
  Import(const WeightsArguments& arguments, const LoadedModel& loaded, bool json)
      : arguments_(arguments),
        network_(*loaded.network),
        name_(loaded.name()),
        json_(json),
        map_(weight_map_of(arguments.map, loaded)),
        file_(io::SafetensorsFile::open(arguments.in)),
        state_(model::state_by_name(network_)) {}

  void run() {
    take_names();
    model::WeightPlan plan = map_.plan(sources_, state_);
    if (arguments_.adapt) adapt(plan);
    const std::string advice =
        !arguments_.adapt && !plan.misshapen.empty()
            ? "; --adapt resizes or begins anew what depends on input size and classes"
            : "";
    refuse_faults(plan.faults, arguments_.in, name_, advice, json_);
    for (const WeightMove& move : plan.moves) {
      const std::vector<torch::Tensor> values = values_of(move);
      for (size_t i = 0; i < values.size(); ++i) put(move.to[i], values[i]);
    }
    report(plan);
    write();
  }

 private:
  /// Names without their prefix; says which that is.
  void take_names() {
    const NamedTensors all = shapes_of(file_);
    const std::string own = map_.prefix();
    prefix_ = own + arguments_.prefix;
    if (arguments_.prefix.empty()) {
      prefix_ += find_prefix(model::WeightMap::with_prefix(all, own), map_, state_);
    }
    sources_ = model::WeightMap::with_prefix(all, prefix_);
    if (prefix_ == own) return;
    spdlog::info("the prefix \"{}\" is left off {} names", prefix_, sources_.size());
    if (const size_t others = all.size() - sources_.size(); others > 0) {
      spdlog::warn("{} tensors without this prefix are left out", others);
    }
  }

  /// Each tensor is read once; what it becomes is made at once.
  std::vector<torch::Tensor> values_of(const WeightMove& move) {
    std::vector<torch::Tensor> parts;
    std::vector<std::vector<int64_t>> shapes;
    for (const std::string& name : move.from) parts.push_back(file_.read(prefix_ + name));
    for (const std::string& name : move.to) shapes.push_back(state_.at(name).sizes().vec());
    return move.rule->run(parts, shapes);
  }

  void put(const std::string& name, const torch::Tensor& value) {
    const torch::ScalarType wanted = state_.at(name).scalar_type();
    torch::Tensor converted = value.contiguous();
    if (value.scalar_type() != wanted) {
      ++conversions_[{value.scalar_type(), wanted}];
      converted = converted.to(wanted);
      if (io::count_nonfinite(converted) > io::count_nonfinite(value)) {
        throw Error(arguments_.in + ": what becomes \"" + name + "\" holds numbers too large for " +
                    c10::toString(wanted) + "; nothing was written");
      }
    }
    const int64_t bad = io::count_nonfinite(converted);
    if (bad > 0) spdlog::warn("{}: {} values are NaN or infinite", name, bad);
    values_[name] = std::move(converted);
  }

  /// Lets the parts make what has another shape fit. Faults of what they cannot get the reason.
  void adapt(model::WeightPlan& plan) {
    for (const WeightMove& move : plan.misshapen) {
      const std::vector<torch::Tensor> values = values_of(move);
      for (size_t i = 0; i < values.size(); ++i) adapt(move.to[i], values[i], plan.faults);
    }
  }

  void adapt(const std::string& name,
             const torch::Tensor& value,
             std::vector<WeightFault>& faults) {
    const torch::Tensor target = state_.at(name);
    if (value.sizes() == target.sizes()) return put(name, value);
    const auto fault = std::find_if(faults.begin(), faults.end(), [&](const WeightFault& one) {
      return one.kind == WeightFault::Kind::kMisshapen && one.ours == name;
    });
    try {
      const Adapted adapted =
          model::adapt_tensor(network_, name, value.to(target.scalar_type()).contiguous());
      put(name, adapted.value);
      adapted_.push_back(name + " " + list_text(value.sizes().vec()) + " -> " +
                         list_text(target.sizes().vec()) + ": " + adapted.how);
      if (fault != faults.end()) faults.erase(fault);
    } catch (const Error& error) {
      if (fault != faults.end()) fault->reason = error.what();
    }
  }

  void report(const model::WeightPlan& plan) const {
    for (const auto& [types, count] : conversions_) {
      spdlog::info("{} tensors were converted from {} to {}",
                   count,
                   c10::toString(types.first),
                   c10::toString(types.second));
    }
    for (const std::string& line : adapted_) spdlog::info("{}", line);
    for (const std::string& name : plan.dropped) spdlog::info("{} is dropped by the map", name);
    if (!plan.kept.empty()) {
      spdlog::info("{} tensors, such as {}, are not in the file and stay as they begin",
                   plan.kept.size(),
                   plan.kept.front());
    }
  }

  void write() {
    std::vector<model::NamedTensor> all;
    for (const auto& [name, own] : state_) {
      const auto value = values_.find(name);
      all.emplace_back(name, value == values_.end() ? own : value->second);
    }
    io::write_safetensors(arguments_.out, all, {{"source", arguments_.in}});
    spdlog::info("wrote {} tensors to {}", all.size(), arguments_.out);
  }

  const WeightsArguments& arguments_;
  const model::Network& network_;
  std::string name_;
  bool json_;
  model::WeightMap map_;
  io::SafetensorsFile file_;
  NamedTensors state_;    // what is to be filled
  NamedTensors sources_;  // names and shapes of the file, without prefix
  std::string prefix_;
  NamedTensors values_;
  std::map<std::pair<torch::ScalarType, torch::ScalarType>, int64_t> conversions_;
  std::vector<std::string> adapted_;  // lines for the user
};

}  // namespace

model::WeightMap weight_map_of(const std::string& named, const Loaded& loaded) {
  const std::string path = named.empty() ? config::weight_map_path(loaded.file.root) : named;
  if (!path.empty()) return model::WeightMap::load(path);
  throw UsageError(loaded.name() +
                   " names no weight map; give --map FILE, or write weight_map = \"FILE\" in its "
                   "[model]");
}

model::NamedTensors shapes_of(const io::SafetensorsFile& file) {
  NamedTensors result;
  for (const io::TensorEntry& entry : file.entries()) {
    const std::string where = file.path().string() + ": tensor \"" + entry.name + "\"";
    result[entry.name] = torch::empty(
        entry.shape,
        torch::TensorOptions().dtype(io::scalar_type(entry.dtype, where)).device(torch::kMeta));
  }
  return result;
}

void import_weights(const WeightsArguments& arguments, Globals& globals) {
  const LoadedModel loaded = load_model(arguments.config, arguments.sets, globals);
  Import(arguments, loaded, globals.json).run();
}

}  // namespace mixwright::cli
