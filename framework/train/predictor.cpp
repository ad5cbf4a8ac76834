#include "framework/train/predictor.h"

#include <utility>

#include <mixwright/error.h>

#include "framework/data/normalization.h"
#include "framework/train/device.h"

namespace mixwright::train {

Predictor::Predictor(PredictorParts parts) : parts_(std::move(parts)) {
  parts_.network->eval();
  // Forms for inference answer in float32.
  if (!parts_.bfloat16) parts_.network->use_inference_forms();
}

torch::Tensor Predictor::forward(const torch::Tensor& samples) const {
  const torch::NoGradGuard no_grad;
  const torch::Tensor inputs = data::normalised(samples, parts_.info).to(parts_.device);
  const Autocast autocast(parts_.device, parts_.bfloat16);
  return to_float32(parts_.network->forward(inputs));
}

std::vector<RecallMoment> Predictor::recall(const torch::Tensor& samples, int64_t steps) const {
  const torch::Tensor inputs = data::normalised(samples, parts_.info).to(parts_.device);
  return recalled(*parts_.network, inputs, steps);
}

std::vector<RecallMoment> recalled(const model::Network& network,
                                   const torch::Tensor& inputs,
                                   int64_t steps) {
  auto* recalling = dynamic_cast<Recalls*>(network.whole().get());
  if (recalling == nullptr) return {};
  std::vector<RecallMoment> moments = recalling->recall(inputs, steps);
  for (RecallMoment& moment : moments) {
    moment.shown = to_float32(moment.shown).cpu();
    moment.energy = to_float32(moment.energy).cpu();
  }
  return moments;
}

std::vector<std::vector<Prediction>> Predictor::predict(const torch::Tensor& samples,
                                                        int64_t most) const {
  std::vector<std::vector<Prediction>> answers =
      parts_.task->predictions(forward(samples), parts_.info, most);
  const auto count = static_cast<size_t>(samples.size(0));
  if (!answers.empty() && answers.size() != count) {
    throw Error("the task answers to " + std::to_string(answers.size()) + " samples where " +
                std::to_string(count) + " came");
  }
  return answers;
}

}  // namespace mixwright::train
