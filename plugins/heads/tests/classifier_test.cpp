// Pooling and refusals of the classifier.

#include "plugins/heads/classifier.h"

#include <gtest/gtest.h>

namespace mixwright::heads {
namespace {

/// Default options with some of them set.
template <class Options, class Change>
Options set(const Change& change) {
  Options options;
  change(options);
  return options;
}

BuildContext context_for(int64_t classes) {
  BuildContext context;
  context.shape.grid = {7};
  context.shape.channels = 4;
  context.shape.prefix_tokens = 1;
  context.classes = classes;
  return context;
}

torch::Tensor answer(Classifier& head, const torch::Tensor& x) {
  Features features;
  features.last = x;
  return head.forward(features);
}

torch::Tensor scores(Classifier& head, const torch::Tensor& pooled) {
  const auto parameters = head.named_parameters();
  return torch::linear(pooled, parameters["fc.weight"], parameters["fc.bias"]);
}

TEST(Classifier, MeanLeavesPrefixTokensOut) {
  Classifier head(ClassifierOptions(), context_for(3));
  const torch::Tensor x = torch::randn({2, 7, 4});
  EXPECT_TRUE(torch::allclose(answer(head, x), scores(head, x.slice(1, 1).mean(1)), 1e-5, 1e-6));
}

TEST(Classifier, TokenIsTheFirst) {
  Classifier head(set<ClassifierOptions>([](auto& o) { o.pool = Pool::kToken; }), context_for(3));
  const torch::Tensor x = torch::randn({2, 7, 4});
  EXPECT_TRUE(torch::allclose(answer(head, x), scores(head, x.select(1, 0)), 1e-5, 1e-6));
}

TEST(Classifier, DistilledAnswersTheMeanOfTwo) {
  Classifier head(set<ClassifierOptions>([](auto& o) { o.distilled = true; }), context_for(3));
  const torch::Tensor x = torch::randn({2, 7, 4});
  const torch::Tensor pooled = x.slice(1, 1).mean(1);
  const auto parameters = head.named_parameters();
  const torch::Tensor other =
      torch::linear(pooled, parameters["fc_distilled.weight"], parameters["fc_distilled.bias"]);
  EXPECT_TRUE(torch::allclose(answer(head, x), (scores(head, pooled) + other) / 2, 1e-5, 1e-6));
}

TEST(Classifier, ATeacherIsAnsweredBySecondLayerAndTheDistillationToken) {
  BuildContext context = context_for(3);
  context.shape.prefix_tokens = 2;
  Classifier head(set<ClassifierOptions>([](auto& o) {
                    o.pool = Pool::kToken;
                    o.distilled = true;
                  }),
                  context);
  Features features;
  features.last = torch::randn({2, 7, 4});
  const TaughtAnswers answers = head.taught_answers(features);
  const auto parameters = head.named_parameters();
  const torch::Tensor other = torch::linear(features.last.select(1, 1),
                                            parameters["fc_distilled.weight"],
                                            parameters["fc_distilled.bias"]);
  EXPECT_TRUE(torch::allclose(answers.to_task, scores(head, features.last.select(1, 0))));
  EXPECT_TRUE(torch::allclose(answers.to_teacher, other));
  EXPECT_TRUE(torch::allclose(head.forward(features), (answers.to_task + other) / 2));

  Classifier plain(ClassifierOptions(), context_for(3));
  const TaughtAnswers same = plain.taught_answers(features);
  EXPECT_TRUE(same.to_teacher.is_same(same.to_task));
}

TEST(Classifier, OtherClassesBeginAnewAndOtherWidthsDoNot) {
  Classifier head(set<ClassifierOptions>([](auto& o) { o.distilled = true; }), context_for(3));
  const auto parameters = head.named_parameters();
  for (const std::string name : {"fc.weight", "fc_distilled.weight"}) {
    const Adapted adapted = head.adapt(name, torch::randn({10, 4}));
    EXPECT_TRUE(adapted.value.equal(parameters[name])) << name;
    EXPECT_NE(adapted.how.find("3 classes in place of 10"), std::string::npos) << adapted.how;
    EXPECT_THROW(head.adapt(name, torch::randn({10, 5})), Error) << name;
  }
  EXPECT_TRUE(head.adapt("fc.bias", torch::randn({10})).value.equal(parameters["fc.bias"]));
}

TEST(Classifier, ZeroInitAnswersZero) {
  Classifier head(set<ClassifierOptions>([](auto& o) {
                    o.hidden = 5;
                    o.activation = {};
                    o.zero_init = true;
                  }),
                  context_for(3));
  const torch::NoGradGuard no_grad;
  head.initialize();
  EXPECT_TRUE(answer(head, torch::randn({2, 7, 4})).equal(torch::zeros({2, 3})));
}

TEST(Classifier, RefusesDataWithoutClasses) {
  EXPECT_THROW(Classifier(ClassifierOptions(), context_for(0)), Error);
}

TEST(Classifier, RefusesAClassTokenThatIsNotThere) {
  BuildContext context = context_for(3);
  context.shape.prefix_tokens = 0;
  EXPECT_THROW(Classifier(set<ClassifierOptions>([](auto& o) { o.pool = Pool::kToken; }), context),
               Error);
}

TEST(Classifier, RefusesTwoWidthsOfTheHiddenLayer) {
  EXPECT_THROW(Classifier(set<ClassifierOptions>([](auto& o) {
                            o.hidden = 5;
                            o.hidden_ratio = 2.0;
                          }),
                          context_for(3)),
               Error);
}

}  // namespace
}  // namespace mixwright::heads
