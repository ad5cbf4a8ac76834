#include "framework/train/not_finite.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/model/finite_check.h"
#include "tests/unit/train/test_network.h"

namespace mixwright::train {
namespace {

using testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Mean of the outputs; infinite where a target is 2.
class MeanTask : public Task {
 public:
  torch::Tensor loss(const torch::Tensor& output, const Batch& batch) const override {
    return output.mean() + torch::where(batch.targets == 2, torch::tensor(INFINITY), 0.0).sum();
  }
  std::unique_ptr<Score> score(const DatasetInfo&) const override { return nullptr; }
};

class NotFiniteTest : public testing::Test {
 protected:
  NotFiniteTest() : network_(test::tiny_network()) {
    batch_.inputs = torch::randn({3, 4, 4, 1});
    batch_.targets = torch::zeros({3}, torch::kInt64);
    batch_.indices = torch::tensor({10, 20, 30}, torch::kInt64);
    network_->train();
    set_paths();
  }

  // As the assembler does.
  void set_paths() {
    for (size_t i = 0; i < network_->stages()[0]->blocks().size(); ++i) {
      const std::string path = "stages.0.blocks." + std::to_string(i);
      auto& block = dynamic_cast<test::TinyBlock&>(*network_->stages()[0]->blocks()[i]);
      block.set_identity(path, "tiny");
      block.norm->set_identity(path + ".norm", "wide");
    }
    network_->head()->set_identity("head", "mean");
  }

  test::TinyBlock& block(size_t i) {
    return dynamic_cast<test::TinyBlock&>(*network_->stages()[0]->blocks()[i]);
  }

  NotFiniteCause find() {
    return find_not_finite(*network_, task_, {batch_}, trained_tensors(*network_, {}));
  }

  std::shared_ptr<model::Network> network_;
  MeanTask task_;
  Batch batch_;
};

TEST_F(NotFiniteTest, NamesTheSamplesOfBadInputs) {
  batch_.inputs[1][0][0][0] = kNan;
  const NotFiniteCause cause = find();
  EXPECT_EQ(cause.part, "input");
  EXPECT_THAT(cause.samples, ElementsAre(20));
  EXPECT_EQ(cause.text, "the input of sample 20");
}

TEST_F(NotFiniteTest, NamesABadWeight) {
  const torch::NoGradGuard no_grad;
  block(1).linear->bias.fill_(INFINITY);
  EXPECT_EQ(find().text, "the values of stages.0.blocks.1.linear.bias");
}

TEST_F(NotFiniteTest, NamesTheFirstPartAndItsSamples) {
  const torch::NoGradGuard no_grad;
  // 1e38 passes the linear layer and overflows in the second block's norm.
  block(1).norm->weight.fill_(3e38);
  batch_.inputs.fill_(0);
  batch_.inputs[2] = torch::arange(16).view({4, 4, 1}).to(torch::kFloat32) * 100;
  const NotFiniteCause cause = find();
  EXPECT_EQ(cause.part, "stages.0.blocks.1.norm");
  EXPECT_THAT(cause.samples, testing::Contains(30));
}

TEST_F(NotFiniteTest, NamesTheSamplesOfABadLoss) {
  batch_.targets[0] = 2;
  const NotFiniteCause cause = find();
  EXPECT_EQ(cause.part, "loss");
  EXPECT_EQ(cause.text, "the loss of sample 10");
}

TEST_F(NotFiniteTest, NamesTheGradientNearestToTheEnd) {
  for (const auto& [name, tensor] : network_->trained_parameters()) {
    torch::Tensor own = tensor;
    own.mutable_grad() = torch::zeros_like(tensor);
  }
  block(0).linear->weight.mutable_grad().fill_(kNan);
  block(1).linear->weight.mutable_grad().fill_(kNan);
  EXPECT_EQ(find().text, "the gradient of stages.0.blocks.1.linear.weight");
}

TEST_F(NotFiniteTest, TheLineNamesAllSamplesWhereTheyAreNotToldApart) {
  NotFiniteCause cause = find();
  EXPECT_EQ(not_finite_line(cause, {batch_}).at("samples").dump(), "[10,20,30]");
  cause.samples = {20};
  EXPECT_EQ(not_finite_line(cause, {batch_}).at("samples").dump(), "[20]");
  batch_.inputs = torch::Tensor();  // as on a GPU, where only the indices are kept
  EXPECT_EQ(find().text, "");
}

TEST_F(NotFiniteTest, FindsNothingWhereAllIsWell) {
  EXPECT_EQ(find().text, "");
  EXPECT_EQ(model::first_not_finite_part(*network_, batch_.inputs), "");
}

}  // namespace
}  // namespace mixwright::train
