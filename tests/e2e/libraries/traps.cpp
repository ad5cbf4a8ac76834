// Components that misbehave on purpose, for the tests of what a training does then.
#include <poll.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <utility>

#include <mixwright/dataset.h>
#include <mixwright/task.h>
#include <mixwright/token_mixer.h>

namespace {

/// Says by the file `gate`.reached that it got here, and goes on when there is a file `gate`.
void wait_at(const std::string& gate) {
  if (gate.empty() || std::filesystem::exists(gate)) return;
  std::ofstream(gate + ".reached") << "here\n";
  constexpr int kAttempts = 60'000;
  for (int i = 0; i < kAttempts; ++i) {
    if (std::filesystem::exists(gate)) return;
    ::poll(nullptr, 0, 1);  // milliseconds
  }
  throw std::runtime_error(gate + ": nobody opened this gate");
}

struct GateOptions {
  std::string gate;
  int64_t call = 1;
  bool evaluation = false;
};
MIXWRIGHT_OPTIONS(GateOptions,
                  field("gate", &GateOptions::gate).doc("file that it waits for"),
                  field("call", &GateOptions::call).doc("which call waits, from 1"),
                  field("evaluation", &GateOptions::evaluation)
                      .doc("calls in evaluation mode are counted, not those in training"))

/// y = x, and one of its calls waits until the test lets it go on.
class Gate final : public mixwright::TokenMixer {
 public:
  using Options = GateOptions;
  explicit Gate(Options options) : options_(std::move(options)) {}
  torch::Tensor forward(const torch::Tensor& x) override {
    if (is_training() != options_.evaluation && ++calls_ == options_.call) wait_at(options_.gate);
    return x;
  }

 private:
  Options options_;
  int64_t calls_ = 0;
};

/// y = (1 + n / 100) x at its n-th call: its state is no buffer, so that no checkpoint holds it.
class HiddenState final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override {
    return x * (1 + 0.01 * static_cast<double>(++calls_));
  }

 private:
  int64_t calls_ = 0;
};

/// y = s x, where every step of the training moves the buffer s; it reports s and a picture of it.
class Hooked final : public mixwright::TokenMixer {
 public:
  explicit Hooked(const mixwright::BuildContext& context)
      : scale_(register_buffer("scale", torch::ones({context.shape.channels}))) {}
  torch::Tensor forward(const torch::Tensor& x) override { return x * scale_; }
  void after_step(const mixwright::TrainingStep& step) override {
    scale_.add_(step.learning_rate).add_(1e-3 * step.epoch);
    last_step_ = step.step;
  }
  void report(mixwright::Report& report) override {
    report.number("scale", scale_.mean().item<double>());
    report.number("step", static_cast<double>(last_step_));
    if (report.wants_pictures()) report.picture("scale", scale_.unsqueeze(0));
  }

 private:
  torch::Tensor scale_;
  int64_t last_step_ = 0;  // for the report alone
};

struct NoiseOptions {
  int64_t samples = 96;
  int64_t test_samples = 30;
  int64_t nan_at = -1;
  int64_t label_at = -1;
  int64_t label = 3;
  std::string gate;
};
MIXWRIGHT_OPTIONS(
    NoiseOptions,
    field("samples", &NoiseOptions::samples).doc("samples of the training split"),
    field("test_samples", &NoiseOptions::test_samples).doc("samples of the test split"),
    field("nan_at", &NoiseOptions::nan_at).doc("training sample with a NaN; -1: none"),
    field("label_at", &NoiseOptions::label_at).doc("training sample with that label; -1: none"),
    field("label", &NoiseOptions::label).doc("label of that sample; there are 3 classes"),
    field("gate", &NoiseOptions::gate).doc("file that it waits for before anything is read"))

/// Samples of noise, brighter from class to class.
/// Shape: inputs [B, 8, 8, 1] floats; targets [B] int64.
class Noise final : public mixwright::Dataset {
 public:
  using Options = NoiseOptions;
  explicit Noise(const Options& options) : options_(options) {
    info_.input.grid = {kSide, kSide};
    info_.input.channels = 1;
    info_.classes = 3;
    wait_at(options.gate);
  }
  const mixwright::DatasetInfo& info() const override { return info_; }
  int64_t size(mixwright::Split split) const override {
    return split == mixwright::Split::kTrain ? options_.samples : options_.test_samples;
  }
  mixwright::Batch read(mixwright::Split split, std::span<const int64_t> indices) const override {
    const auto count = static_cast<int64_t>(indices.size());
    mixwright::Batch batch;
    batch.inputs = torch::empty({count, kSide, kSide, 1});
    batch.targets = torch::empty({count}, torch::kInt64);
    batch.indices = torch::empty({count}, torch::kInt64);
    auto* values = batch.inputs.data_ptr<float>();
    const bool train = split == mixwright::Split::kTrain;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t index = indices[static_cast<size_t>(i)];
      const int64_t label = index % info_.classes;
      mixwright::SampleRandom random(train ? 1 : 2, 0, static_cast<uint64_t>(index));
      for (int64_t k = 0; k < kSide * kSide; ++k) {
        *values++ = static_cast<float>(random.uniform() + 0.3 * static_cast<double>(label));
      }
      if (train && index == options_.nan_at) {
        // In the middle, where no crop loses it.
        values[-(kSide + 1) * kSide / 2] = std::numeric_limits<float>::quiet_NaN();
      }
      batch.targets[i] = train && index == options_.label_at ? options_.label : label;
      batch.indices[i] = index;
    }
    return batch;
  }

 private:
  static constexpr int64_t kSide = 8;
  Options options_;
  mixwright::DatasetInfo info_;
};

/// A task without an ear for teachers, and without metrics.
class DeafTask final : public mixwright::Task {
 public:
  torch::Tensor loss(const torch::Tensor& output,
                     const mixwright::Batch& /*batch*/) const override {
    return output.mean();
  }
  std::unique_ptr<mixwright::Score> score(const mixwright::DatasetInfo& /*info*/) const override {
    return nullptr;
  }
};

}  // namespace

MIXWRIGHT_PLUGIN("e2e_traps",
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<Gate>("gate", "waits for a file", "no paper"),
                 token_mixer<HiddenState>("hidden_state", "counts its calls", "no paper"),
                 token_mixer<Hooked>("hooked", "moves with every step", "no paper"),
                 dataset<Noise>("noise", "noise with faults", "no paper"),
                 task<DeafTask>("deaf", "learns from no teacher", "no paper"))
