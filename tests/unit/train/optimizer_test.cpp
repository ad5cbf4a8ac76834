#include "framework/train/optimizer.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "tests/unit/train/test_network.h"

namespace mixwright::train {
namespace {

TEST(TrainedTensorsTest, NormsBiasesVectorsAndPositionsDoNotDecay) {
  const auto network = test::tiny_network();
  std::map<std::string, bool> decays;
  for (const TrainedTensor& entry : trained_tensors(*network)) decays[entry.name] = entry.decays;
  EXPECT_TRUE(decays.at("stages.0.blocks.0.linear.weight"));
  EXPECT_TRUE(decays.at("head.linear.weight"));
  EXPECT_FALSE(decays.at("stages.0.blocks.0.linear.bias"));
  EXPECT_FALSE(decays.at("stages.0.blocks.1.norm.weight")) << "a norm's weight, three dimensions";
  EXPECT_FALSE(decays.at("stages.0.blocks.1.position"));
  EXPECT_FALSE(decays.at("head.linear.bias"));

  for (const TrainedTensor& entry : trained_tensors(*network, {"head.linear.weight"})) {
    if (entry.name == "head.linear.weight") EXPECT_FALSE(entry.decays);
    if (entry.name == "stages.0.blocks.0.linear.weight") EXPECT_TRUE(entry.decays);
  }
}

std::vector<TrainedTensor> pair_of_tensors(uint64_t seed) {
  torch::manual_seed(seed);
  return {{"a", torch::randn({17, 9}).requires_grad_(), true},
          {"b", torch::randn({9}).requires_grad_(), false}};
}

TEST(AdamWTest, MovesAsLibTorchsReference) {
  OptimizerOptions options;
  options.weight_decay = 0.1;
  std::vector<TrainedTensor> ours = pair_of_tensors(1);
  std::vector<TrainedTensor> theirs = pair_of_tensors(1);
  AdamW optimizer(ours, options);
  torch::optim::AdamW decaying({theirs[0].tensor},
                               torch::optim::AdamWOptions(0.01).weight_decay(0.1));
  torch::optim::AdamW free({theirs[1].tensor}, torch::optim::AdamWOptions(0.01).weight_decay(0));
  for (int step = 0; step < 20; ++step) {
    for (size_t i = 0; i < 2; ++i) {
      const torch::Tensor gradient = torch::randn_like(ours[i].tensor);
      ours[i].tensor.mutable_grad() = gradient.clone();
      theirs[i].tensor.mutable_grad() = gradient.clone();
    }
    optimizer.step(0.01);
    decaying.step();
    free.step();
  }
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_LT((ours[i].tensor - theirs[i].tensor).abs().max().item<double>(), 2e-6);
  }
}

TEST(AdamWTest, TakesGradientsOfAnyLayout) {
  const OptimizerOptions options;
  std::vector<TrainedTensor> straight = pair_of_tensors(2);
  std::vector<TrainedTensor> turned = pair_of_tensors(2);
  AdamW first(straight, options);
  AdamW second(turned, options);
  const torch::Tensor gradient = torch::randn({17, 9});
  straight[0].tensor.mutable_grad() = gradient.clone();
  turned[0].tensor.mutable_grad() = gradient.t().contiguous().t();
  first.step(0.1);
  second.step(0.1);
  EXPECT_TRUE(torch::equal(straight[0].tensor, turned[0].tensor));
}

TEST(AdamWTest, StateRestoresTheSameMoves) {
  const OptimizerOptions options;
  std::vector<TrainedTensor> whole = pair_of_tensors(3);
  std::vector<TrainedTensor> cut = pair_of_tensors(3);
  AdamW optimizer(whole, options);
  auto part = std::make_unique<AdamW>(cut, options);
  for (int step = 0; step < 6; ++step) {
    if (step == 3) {
      std::map<std::string, torch::Tensor> state;
      for (const auto& [name, tensor] : part->state()) state[name] = tensor.clone();
      part = std::make_unique<AdamW>(cut, options);
      part->load(state, 3);
    }
    for (size_t i = 0; i < 2; ++i) {
      const torch::Tensor gradient = torch::randn_like(whole[i].tensor);
      whole[i].tensor.mutable_grad() = gradient.clone();
      cut[i].tensor.mutable_grad() = gradient.clone();
    }
    optimizer.step(0.05);
    part->step(0.05);
  }
  EXPECT_TRUE(torch::equal(whole[0].tensor, cut[0].tensor));
  EXPECT_TRUE(torch::equal(whole[1].tensor, cut[1].tensor));
  EXPECT_THAT([&] { part->load({}, 0); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("has no \"exp_avg.a\"")));
}

TEST(AdamWTest, ClipsTheCommonLengthOfAllGradients) {
  std::vector<TrainedTensor> tensors = pair_of_tensors(4);
  AdamW optimizer(tensors, {});
  tensors[0].tensor.mutable_grad() = torch::full({17, 9}, 2.0);
  tensors[1].tensor.mutable_grad() = torch::full({9}, 2.0);
  const double length = 2.0 * std::sqrt(17 * 9 + 9);
  EXPECT_NEAR(optimizer.clip_gradients(0).item<double>(), length, 1e-4);
  EXPECT_EQ(tensors[1].tensor.grad()[0].item<double>(), 2.0) << "0 does not clip";
  EXPECT_NEAR(optimizer.clip_gradients(100).item<double>(), length, 1e-4);
  EXPECT_EQ(tensors[1].tensor.grad()[0].item<double>(), 2.0) << "short ones stay as they are";
  EXPECT_NEAR(optimizer.clip_gradients(1).item<double>(), length, 1e-4);
  EXPECT_NEAR(tensors[1].tensor.grad()[0].item<double>(), 2.0 / length, 1e-6);
  EXPECT_NEAR(optimizer.clip_gradients(0).item<double>(), 1.0, 1e-5);
}

}  // namespace
}  // namespace mixwright::train
