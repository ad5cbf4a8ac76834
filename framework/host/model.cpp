#include <utility>

#include <mixwright/picture.h>

#include "framework/data/picture_sample.h"
#include "framework/host/calls.h"
#include "framework/host/collected_log.h"
#include "framework/model/random_state.h"
#include "framework/train/trained_run.h"

namespace mixwright::host {

struct Model::State {
  std::string folder;
  train::TrainedRun run;
  std::vector<std::string> warnings;

  const data::SampleFacts& info() const { return run.predictor->info(); }

  /// A sample as the network's batches hold it.
  torch::Tensor fitted(const torch::Tensor& sample) const {
    const Shape& shape = info().input;
    const bool is_picture = data::are_pictures(info()) && sample.defined() && sample.dim() == 3 &&
                            sample.scalar_type() == torch::kUInt8 &&
                            sample.size(2) == shape.channels && sample.numel() > 0;
    if (is_picture) return data::fitted_picture(sample, info());
    std::vector<int64_t> expected = shape.grid;
    if (info().vocabulary == 0) expected.push_back(shape.channels);
    if (sample.defined() && sample.sizes() == torch::IntArrayRef(expected)) return sample;
    throw Error(folder + ": a sample of " + list_text(expected) + " expected" +
                (data::are_pictures(info()) ? ", or bytes [height, width, " +
                                                  std::to_string(shape.channels) + "] of any size"
                                            : std::string()) +
                ", " +
                (sample.defined() ? std::string(c10::toString(sample.scalar_type())) + " " +
                                        list_text(sample.sizes().vec())
                                  : std::string("an undefined tensor")) +
                " came");
  }

  std::vector<Answer> answers_to(const torch::Tensor& sample, int64_t most) const {
    if (most < 1) {
      throw UsageError("predict: 1 or more answers expected, " + std::to_string(most) +
                       " asked for");
    }
    const auto told = run.predictor->predict(sample.unsqueeze(0), most);
    if (told.empty()) {
      throw UsageError(folder + ": task \"" + run.task + "\" says nothing of a single sample");
    }
    std::vector<Answer> answers;
    for (const Prediction& answer : told.front()) {
      answers.push_back({answer.label, answer.probability});
    }
    return answers;
  }
};

Model::Model(std::shared_ptr<const State> state) : state_(std::move(state)) {}
Model::Model(const Model&) = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(const Model&) = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

std::vector<Answer> Model::predict(const torch::Tensor& sample, int64_t most) const {
  return translated([&] { return state_->answers_to(state_->fitted(sample), most); });
}

std::vector<Answer> Model::predict_file(const std::string& path, int64_t most) const {
  return translated([&] {
    if (!data::are_pictures(state_->info())) {
      throw UsageError(state_->folder + ": its samples are " + state_->info().input.text() +
                       ", not pictures; predict takes them as tensors");
    }
    const std::vector<uint8_t> bytes = read_picture_bytes(path);
    return state_->answers_to(data::picture_sample(bytes, path, state_->info(), false), most);
  });
}

torch::Tensor Model::forward(const torch::Tensor& samples) const {
  return translated([&] { return state_->run.predictor->forward(samples); });
}

const Shape& Model::input() const {
  return state_->info().input;
}

const std::vector<std::string>& Model::class_names() const {
  return state_->info().class_names;
}

int64_t Model::step() const {
  return state_->run.step;
}

const std::vector<std::string>& Model::warnings() const {
  return state_->warnings;
}

Model load_run(const std::string& folder, const LoadOptions& options) {
  return translated([&] {
    const std::lock_guard lock(loading());
    const CollectedLog log;
    auto state = std::make_shared<Model::State>();
    state->folder = folder;
    // Weights are drawn before they are replaced; the caller's random numbers stay as they were.
    const model::RandomState random;
    state->run = train::load_trained_run(
        folder, options.checkpoint, options.overrides, source_of(options.plugins));
    random.restore();
    state->warnings = log.warnings();
    return Model(std::move(state));
  });
}

}  // namespace mixwright::host
