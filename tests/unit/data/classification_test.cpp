#include "plugins/classification/classification.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

namespace mixwright {
namespace {

DatasetInfo info_of(int64_t classes) {
  DatasetInfo info;
  info.classes = classes;
  return info;
}

Batch batch_of(const std::vector<int64_t>& targets) {
  Batch batch;
  batch.targets = torch::tensor(targets, torch::kInt64);
  return batch;
}

TEST(ClassificationTest, LossIsSmoothedCrossEntropy) {
  const torch::Tensor output = torch::tensor({{1.0, 2.0, 0.5}, {0.0, -1.0, 3.0}});
  const Batch batch = batch_of({1, 0});
  const torch::Tensor log_softmax = torch::log_softmax(output, 1);
  const double plain = -(log_softmax[0][1].item<double>() + log_softmax[1][0].item<double>()) / 2;
  EXPECT_NEAR(Classification({}).loss(output, batch).item<double>(), plain, 1e-6);
  const double even = -log_softmax.mean().item<double>();
  EXPECT_NEAR(
      Classification({0.2}).loss(output, batch).item<double>(), 0.8 * plain + 0.2 * even, 1e-6);
}

TEST(ClassificationTest, HardTeachesTheChosenClassAndSoftAllScores) {
  const torch::Tensor output = torch::tensor({{1.0, 2.0, 0.5}, {0.0, -1.0, 3.0}}, torch::kFloat64);
  const torch::Tensor teacher = torch::tensor({{0.0, 1.0, 4.0}, {2.0, 1.0, 0.0}}, torch::kFloat64);
  const torch::Tensor log_softmax = torch::log_softmax(output, 1);
  const double hard = -(log_softmax[0][2].item<double>() + log_softmax[1][0].item<double>()) / 2;
  EXPECT_NEAR(Classification({}).teacher_loss(output, teacher).item<double>(), hard, 1e-12);

  ClassificationOptions options;
  options.distillation = Distillation::kSoft;
  options.temperature = 2;
  const torch::Tensor p = (teacher / 2).softmax(1);
  const double soft = 4 * (p * (p.log() - (output / 2).softmax(1).log())).sum().item<double>() / 6;
  EXPECT_NEAR(Classification(options).teacher_loss(output, teacher).item<double>(), soft, 1e-12);
  EXPECT_NEAR(Classification(options).teacher_loss(teacher, teacher).item<double>(), 0, 1e-12);
}

TEST(ClassificationTest, ATeacherOfOtherClassesIsRefused) {
  EXPECT_THROW(Classification({}).teacher_loss(torch::zeros({2, 3}), torch::zeros({2, 4})), Error);
}

TEST(ClassificationTest, ScoresAccuracyOfAllAndOfEachClass) {
  DatasetInfo info = info_of(3);
  info.class_names = {"cat", "dog", "eel"};
  const auto score = Classification({}).score(info);
  // Predicted: 0, 0, 1, 1; true: 0, 1, 1, 1.
  score->add(torch::eye(3).index_select(0, torch::tensor({0, 0})), batch_of({0, 1}));
  score->add(torch::eye(3).index_select(0, torch::tensor({1, 1})), batch_of({1, 1}));
  const std::vector<Metric> metrics = score->metrics();
  ASSERT_EQ(metrics.size(), 2U) << "no top-5 of three classes";
  EXPECT_EQ(metrics[0].name, "accuracy");
  EXPECT_DOUBLE_EQ(metrics[0].value, 0.75);
  EXPECT_TRUE(metrics[0].higher_is_better);
  EXPECT_EQ(metrics[1].name, "loss");
  EXPECT_NEAR(metrics[1].value, std::log(2 + std::exp(1.0)) - 0.75, 1e-6);
  const std::vector<Table> tables = score->tables();
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_THAT(tables[0].rows[0], testing::ElementsAre("cat", "100.00 %", "50.00 %", "1", "1"));
  EXPECT_THAT(tables[0].rows[1], testing::ElementsAre("dog", "66.67 %", "100.00 %", "3", "2"));
  EXPECT_THAT(tables[0].rows[2], testing::ElementsAre("eel", "-", "-", "0", "0"));
  EXPECT_EQ(tables[1].title, "Confusion matrix");
  EXPECT_THAT(tables[1].columns,
              testing::ElementsAre("true class \\ predicted", "cat", "dog", "eel"));
  EXPECT_THAT(tables[1].rows[0], testing::ElementsAre("cat", "1", "0", "0"));
  EXPECT_THAT(tables[1].rows[1], testing::ElementsAre("dog", "1", "2", "0"));
  EXPECT_THAT(tables[1].rows[2], testing::ElementsAre("eel", "0", "0", "0"));
}

TEST(ClassificationTest, CountsTheBestFive) {
  const auto score = Classification({}).score(info_of(8));
  const torch::Tensor output = torch::arange(8.0).flip({0}).repeat({3, 1});  // best: class 0
  score->add(output, batch_of({0, 4, 5}));
  const std::vector<Metric> metrics = score->metrics();
  ASSERT_EQ(metrics.size(), 3U);
  EXPECT_EQ(metrics[1].name, "top5_accuracy");
  EXPECT_NEAR(metrics[1].value, 2.0 / 3.0, 1e-12);
}

TEST(ClassificationTest, HasNoConfusionMatrixOfVeryManyClasses) {
  EXPECT_EQ(Classification({}).score(info_of(200))->tables().size(), 2U);
  EXPECT_EQ(Classification({}).score(info_of(201))->tables().size(), 1U);
}

TEST(ClassificationTest, AnswersWithTheMostProbableFirst) {
  DatasetInfo info = info_of(3);
  info.class_names = {"cat", "dog", "eel"};
  const torch::Tensor output = torch::tensor({{1.5, 3.0, 2.0}, {0.0, 0.0, -40.0}});
  const auto answers = Classification({}).predictions(output, info, 9);
  ASSERT_EQ(answers.size(), 2U);
  ASSERT_EQ(answers[0].size(), 3U);
  EXPECT_EQ(answers[0][0].label, "dog");
  EXPECT_EQ(answers[0][1].label, "eel");
  EXPECT_EQ(answers[0][2].label, "cat");
  const double sum = std::exp(1.5) + std::exp(3.0) + std::exp(2.0);
  EXPECT_NEAR(answers[0][0].probability, std::exp(3.0) / sum, 1e-12);
  EXPECT_EQ(answers[1][0].label, "cat") << "of equals the first, as in the accuracy";
  for (const auto& row : answers) {
    double total = 0;
    for (const Prediction& answer : row) total += answer.probability;
    EXPECT_NEAR(total, 1, 1e-12);
  }
  EXPECT_EQ(Classification({}).predictions(output, info, 2)[1].size(), 2U);
  EXPECT_EQ(Classification({}).predictions(output, info_of(3), 1)[0][0].label, "1");
  EXPECT_THAT([&] { Classification({}).predictions(output, info_of(4), 1); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("output [2, 3]")));
}

TEST(ClassificationTest, RefusesWhatIsNoClassification) {
  EXPECT_THROW(Classification({}).score(info_of(0)), BuildError);
  const auto score = Classification({}).score(info_of(3));
  EXPECT_THAT([&] { score->add(torch::zeros({2, 4}), batch_of({0, 1})); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("output [2, 4]")));
}

}  // namespace
}  // namespace mixwright
