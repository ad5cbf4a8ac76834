#include "framework/train/predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "tests/unit/train/test_network.h"

namespace mixwright::train {
namespace {

/// Answers with the greatest output, or not at all, or too seldom.
class GreatestTask : public Task {
 public:
  explicit GreatestTask(int64_t missing) : missing_(missing) {}
  torch::Tensor loss(const torch::Tensor& output, const Batch&) const override {
    return output.mean();
  }
  std::unique_ptr<Score> score(const DatasetInfo&) const override { return nullptr; }
  std::vector<std::vector<Prediction>> predictions(const torch::Tensor& output,
                                                   const DatasetInfo&,
                                                   int64_t) const override {
    std::vector<std::vector<Prediction>> result;
    for (int64_t i = missing_; i < output.size(0); ++i) {
      result.push_back({{"greatest", output[i].max().item<double>()}});
    }
    return result;
  }

 private:
  int64_t missing_;
};

Predictor predictor_of(const std::shared_ptr<model::Network>& network, int64_t missing = 0) {
  PredictorParts parts;
  parts.network = network;
  parts.task = std::make_shared<GreatestTask>(missing);
  parts.info.input = network->input_shape();
  parts.info.mean = {0.25};
  parts.info.std = {0.5};
  return Predictor(parts);
}

TEST(PredictorTest, AnswersAsTheNetworkInEvaluationMode) {
  torch::manual_seed(5);
  const auto network = test::tiny_network();
  network->train();
  const Predictor predictor = predictor_of(network);
  const torch::Tensor samples = torch::randint(256, {6, 4, 4, 1}, torch::kUInt8);
  const auto answers = predictor.predict(samples, 1);
  const torch::NoGradGuard no_grad;
  network->eval();
  const torch::Tensor expected = network->forward((samples.to(torch::kFloat32) / 255 - 0.25) / 0.5);
  ASSERT_EQ(answers.size(), 6U);
  for (int64_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(
        answers[static_cast<size_t>(i)][0].probability, expected[i].max().item<double>(), 1e-5);
  }
}

TEST(PredictorTest, ATaskMayHaveNoAnswersButNotTooFew) {
  const torch::Tensor samples = torch::zeros({2, 4, 4, 1}, torch::kUInt8);
  EXPECT_TRUE(predictor_of(test::tiny_network(), 2).predict(samples, 1).empty());
  EXPECT_THAT([&] { predictor_of(test::tiny_network(), 1).predict(samples, 1); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("1 samples where 2 came")));
}

}  // namespace
}  // namespace mixwright::train
