#include "framework/train/checkpoint.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <spdlog/spdlog.h>

#include <mixwright/error.h>

#include "framework/io/atomic_file.h"
#include "framework/io/safetensors.h"
#include "framework/io/text.h"
#include "framework/model/random_state.h"
#include "framework/train/train_state_file.h"

namespace mixwright::train {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPartial = ".partial-";
constexpr std::string_view kStep = "step-";
constexpr const char* kModelFile = "model.safetensors";
constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kAverageFile = "ema.safetensors";
constexpr const char* kStateFile = "state.toml";

std::string step_name(int64_t step) {
  return std::string(kStep) + std::to_string(step);
}

/// Gives a whole folder its name; what stood there, a checkpoint of a training that was cut off
/// behind the one it resumed from, is exchanged for it in the same instant.
void publish(const fs::path& partial, const fs::path& target) {
  if (::rename(partial.c_str(), target.c_str()) == 0) return;
  if (errno == EEXIST || errno == ENOTEMPTY) {
    if (::syscall(
            SYS_renameat2, AT_FDCWD, partial.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) ==
        0) {
      fs::remove_all(partial);
      return;
    }
  }
  throw Error(target.string() + ": the checkpoint cannot be put in place (" +
              io::errno_text(errno) + ")");
}

std::string generator_name(const torch::Generator& generator) {
  return "random." + generator.device().str();
}

void restore_generators(const std::map<std::string, torch::Tensor>& tensors) {
  for (torch::Generator& generator : model::default_generators()) {
    const auto found = tensors.find(generator_name(generator));
    if (found != tensors.end()) {
      const std::lock_guard guard(generator.mutex());
      generator.set_state(found->second);
    } else if (generator.device().is_cpu()) {
      throw Error("the random generator's state is missing; the file is damaged");
    }
  }
}

std::map<std::string, torch::Tensor> read_tensors(const fs::path& path) {
  const io::SafetensorsFile file = io::SafetensorsFile::open(path);
  file.require_checksums();
  std::map<std::string, torch::Tensor> tensors;
  for (const io::TensorEntry& entry : file.entries()) {
    tensors.emplace(entry.name, file.read(entry.name));
  }
  return tensors;
}

/// Runs `restore` on a file's tensors; its errors get the file's name.
template <class Restore>
void restore_from(const fs::path& path, const Restore& restore) {
  const std::map<std::string, torch::Tensor> tensors = read_tensors(path);
  try {
    restore(tensors);
  } catch (const Error& error) {
    throw Error(path.string() + ": " + error.what());
  }
}

void write_files(const fs::path& folder, const Snapshot& snapshot, const StateFile& state) {
  io::SafetensorsWriteOptions options;
  options.checksums = true;
  io::write_safetensors(folder / kModelFile, snapshot.network.state(), {}, options);
  if (snapshot.average != nullptr) {
    io::write_safetensors(folder / kAverageFile, snapshot.average->state(), {}, options);
  }
  std::vector<model::NamedTensor> tensors = snapshot.optimizer.state();
  for (torch::Generator& generator : model::default_generators()) {
    const std::lock_guard guard(generator.mutex());
    tensors.emplace_back(generator_name(generator), generator.get_state());
  }
  io::write_safetensors(folder / kOptimizerFile, tensors, {}, options);
  write_state_file(folder / kStateFile, state);
}

/// Says what differs first between a network and the tensors of a file.
void compare_architecture(const io::SafetensorsFile& file, const model::Network& network) {
  const std::vector<model::NamedTensor> ours = network.state();
  const auto refuse = [&](const std::string& what) {
    throw UsageError(file.path().string() + ": " + what +
                     "; the checkpoint belongs to another architecture, use its own config");
  };
  for (const auto& [name, tensor] : ours) {
    if (!file.contains(name)) {
      refuse("has no \"" + name + "\" " + list_text(tensor.sizes().vec()) +
             ", which this network has");
    }
    const std::vector<int64_t>& theirs = file.entry(name).shape;
    if (tensor.sizes() != theirs) {
      refuse("\"" + name + "\" is " + list_text(theirs) + " there and " +
             list_text(tensor.sizes().vec()) + " in this network");
    }
  }
  for (const io::TensorEntry& entry : file.entries()) {
    const bool known = std::any_of(ours.begin(), ours.end(), [&](const model::NamedTensor& named) {
      return named.first == entry.name;
    });
    if (!known) refuse("has \"" + entry.name + "\", which this network has not");
  }
}

void compare_revisions(const fs::path& folder,
                       const std::vector<ComponentRevision>& theirs,
                       const std::vector<ComponentRevision>& ours) {
  for (const ComponentRevision& component : theirs) {
    const auto same = std::find_if(ours.begin(), ours.end(), [&](const ComponentRevision& other) {
      return other.kind == component.kind && other.name == component.name;
    });
    const std::string words = kind_words(component.kind) + " \"" + component.name + "\"";
    if (same == ours.end()) {
      throw UsageError(folder.string() + ": trained with " + words +
                       ", which this config does not use; use the run's own config");
    }
    if (same->revision != component.revision) {
      throw UsageError(folder.string() + ": trained with revision " +
                       std::to_string(component.revision) + " of " + words +
                       ", the plugin found has revision " + std::to_string(same->revision) +
                       "; its maths or parameters changed, so use the older plugin or train anew");
    }
  }
}

}  // namespace

std::vector<ComponentRevision> revisions_of(const model::PartFactory& factory) {
  std::vector<ComponentRevision> result;
  for (const auto& used : factory.used()) result.push_back({used.kind, used.name, used.revision});
  return result;
}

void Checkpoints::remove_leftovers() const {
  std::error_code error;
  std::vector<fs::path> leftovers;
  for (const fs::path& folder : {run_, run_ / "checkpoints"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().filename().string().starts_with(kPartial)) leftovers.push_back(entry.path());
    }
    if (fs::is_directory(folder, error)) io::remove_orphan_temporaries(folder);
  }
  for (const fs::path& leftover : leftovers) fs::remove_all(leftover, error);
}

void Checkpoints::save(const Snapshot& snapshot,
                       const TrainState& state,
                       const std::vector<ComponentRevision>& components,
                       bool is_best,
                       int64_t keep) const {
  const fs::path partial = run_ / "checkpoints" / (std::string(kPartial) + step_name(state.step));
  std::error_code ignored;
  try {
    fs::remove_all(partial);
    fs::create_directory(partial);  // not the folders above it: a run that is gone stays gone
    write_files(partial, snapshot, {state, components});
    io::sync_folder(partial);
    publish(partial, run_ / "checkpoints" / step_name(state.step));
    io::sync_folder(run_ / "checkpoints");
    if (is_best) point("best", state.step);
    point("last", state.step);
    io::sync_folder(run_);
  } catch (const fs::filesystem_error& error) {
    fs::remove_all(partial, ignored);
    throw Error(run_.string() + ": the checkpoint of step " + std::to_string(state.step) +
                " cannot be written (" + error.code().message() + "); " + what_is_left());
  } catch (const Error& error) {
    fs::remove_all(partial, ignored);
    throw Error(std::string(error.what()) + "; " + what_is_left());
  }
  prune(keep);
}

std::string Checkpoints::what_is_left() const {
  std::error_code error;
  if (!fs::exists(run_ / "checkpoints", error)) {
    return "the run's folder is gone, nothing of it was made again";
  }
  const auto last = find("last");
  return last ? "the last good checkpoint is " + last->string() + ", --resume goes on from it"
              : "no checkpoint was written yet";
}

void Checkpoints::point(const std::string& link, int64_t step) const {
  const fs::path partial = run_ / (std::string(kPartial) + link);
  fs::remove(partial);
  fs::create_directory_symlink(fs::path("checkpoints") / step_name(step), partial);
  fs::rename(partial, run_ / link);  // replaces the old link in one step
}

std::vector<int64_t> Checkpoints::steps() const {
  std::vector<int64_t> result;
  for (const fs::directory_entry& entry : fs::directory_iterator(run_ / "checkpoints")) {
    const std::string name = entry.path().filename().string();
    const std::string digits = name.starts_with(kStep) ? name.substr(kStep.size()) : "";
    if (!digits.empty() && digits.size() <= 18 &&
        digits.find_first_not_of("0123456789") == std::string::npos) {
      result.push_back(std::stoll(digits));
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

void Checkpoints::prune(int64_t keep) const {
  const std::vector<int64_t> all = steps();
  const auto best = find("best");
  const auto last = find("last");
  for (size_t i = 0; i + static_cast<size_t>(keep) < all.size(); ++i) {
    const fs::path folder = run_ / "checkpoints" / step_name(all[i]);
    if ((best && fs::equivalent(*best, folder)) || (last && fs::equivalent(*last, folder))) {
      continue;
    }
    // Out of sight first: a folder that is half removed must not look whole. What cannot be removed
    // takes room and does no other harm; the next start tries again.
    const fs::path doomed = run_ / "checkpoints" / (std::string(kPartial) + step_name(all[i]));
    std::error_code error;
    fs::rename(folder, doomed, error);
    if (!error) fs::remove_all(doomed, error);
    if (error) spdlog::warn("{}: cannot be removed ({})", folder.string(), error.message());
  }
}

std::optional<fs::path> Checkpoints::find(const std::string& name) const {
  const bool is_link = name == "best" || name == "last";
  const fs::path path = is_link ? run_ / name : run_ / "checkpoints" / name;
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::nullopt;
  const fs::path target = is_link ? fs::read_symlink(path, error) : fs::path();
  return error || target.empty() ? path : run_ / target;
}

std::optional<fs::path> Checkpoints::best_or_last() const {
  auto folder = find("best");
  return folder ? folder : find("last");
}

bool Checkpoints::is_checkpoint(const fs::path& folder) {
  return fs::exists(folder / kModelFile);
}

SavedWeights Checkpoints::read_weights(const fs::path& folder) {
  SavedWeights weights{folder / kModelFile, read_tensors(folder / kModelFile)};
  if (fs::exists(folder / kAverageFile)) {
    weights.file = folder / kAverageFile;
    // It leaves out what is counted: buffers of integers.
    for (auto& [name, tensor] : read_tensors(weights.file)) weights.tensors[name] = tensor;
  }
  return weights;
}

TrainState Checkpoints::load_network(const fs::path& folder,
                                     model::Network& network,
                                     const std::vector<ComponentRevision>& components,
                                     Weights wanted) {
  const StateFile file = read_state_file(folder / kStateFile);
  const io::SafetensorsFile weights = io::SafetensorsFile::open(folder / kModelFile);
  weights.require_checksums();
  compare_architecture(weights, network);
  compare_revisions(folder, file.components, components);
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : network.state()) tensor.copy_(weights.read(name));
  if (wanted == Weights::kAverage && fs::exists(folder / kAverageFile)) {
    restore_from(folder / kAverageFile, [&](const auto& tensors) {
      MovingAverage average(network, {});
      average.load(tensors);
      average.exchange();
    });
  }
  return file.state;
}

TrainState Checkpoints::load(const fs::path& folder,
                             const Snapshot& snapshot,
                             const std::vector<ComponentRevision>& components) {
  TrainState state = load_network(folder, snapshot.network, components, Weights::kTrained);
  restore_from(folder / kOptimizerFile, [&](const auto& tensors) {
    snapshot.optimizer.load(tensors, state.step);
    restore_generators(tensors);
  });
  if (snapshot.average != nullptr) {
    restore_from(folder / kAverageFile,
                 [&](const auto& tensors) { snapshot.average->load(tensors); });
  }
  return state;
}

}  // namespace mixwright::train
