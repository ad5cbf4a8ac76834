#include "framework/train/optimizer.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "tests/unit/train/test_network.h"

namespace mixwright::train {
namespace {

std::vector<TrainedTensor> pair_of_tensors(uint64_t seed, double weight_decay = 0.1) {
  torch::manual_seed(seed);
  return {{"a", torch::randn({17, 9}).requires_grad_(), weight_decay, 1.0},
          {"b", torch::randn({9}).requires_grad_(), 0.0, 0.5}};
}

OptimizerOptions options_of(OptimizerType type) {
  OptimizerOptions options;
  options.type = type;
  return options;
}

/// Twenty steps of the same gradients by both; the largest difference of a weight.
template <class Reference>
double difference_to(const OptimizerOptions& options, const Reference& reference) {
  std::vector<TrainedTensor> ours = pair_of_tensors(1);
  std::vector<TrainedTensor> theirs = pair_of_tensors(1);
  const auto optimizer = make_optimizer(ours, options);
  auto decaying = reference(theirs[0]);
  auto free = reference(theirs[1]);
  for (int step = 0; step < 20; ++step) {
    for (size_t i = 0; i < 2; ++i) {
      const torch::Tensor gradient = torch::randn_like(ours[i].tensor);
      ours[i].tensor.mutable_grad() = gradient.clone();
      theirs[i].tensor.mutable_grad() = gradient.clone();
    }
    optimizer->step(0.01);
    decaying.step();
    free.step();
  }
  double worst = 0;
  for (size_t i = 0; i < 2; ++i) {
    worst =
        std::max(worst, (ours[i].tensor - theirs[i].tensor).abs().max().template item<double>());
  }
  return worst;
}

TEST(AdamWTest, MovesAsLibTorchsReference) {
  const auto reference = [](const TrainedTensor& entry) {
    return torch::optim::AdamW(
        {entry.tensor},
        torch::optim::AdamWOptions(0.01 * entry.lr_factor).weight_decay(entry.weight_decay));
  };
  EXPECT_LT(difference_to(options_of(OptimizerType::kAdamW), reference), 2e-6);
}

TEST(SgdTest, MovesAsLibTorchsReference) {
  for (const double momentum : {0.0, 0.9}) {
    for (const bool nesterov : {false, true}) {
      OptimizerOptions options = options_of(OptimizerType::kSgd);
      options.momentum = momentum;
      options.nesterov = nesterov;
      const auto reference = [&](const TrainedTensor& entry) {
        return torch::optim::SGD({entry.tensor},
                                 torch::optim::SGDOptions(0.01 * entry.lr_factor)
                                     .weight_decay(entry.weight_decay)
                                     .momentum(momentum)
                                     .nesterov(nesterov && momentum > 0));
      };
      EXPECT_LT(difference_to(options, reference), 2e-6) << momentum << nesterov;
    }
  }
}

/// arXiv:1904.00962, algorithm 2, a line for each of its lines, in double precision.
class LambByTheBook {
 public:
  explicit LambByTheBook(const TrainedTensor& entry) : entry_(entry) {
    first_ = torch::zeros_like(entry.tensor, torch::kFloat64);
    second_ = torch::zeros_like(entry.tensor, torch::kFloat64);
  }

  void step() {
    const torch::NoGradGuard no_grad;
    ++count_;
    const torch::Tensor gradient = entry_.tensor.grad().to(torch::kFloat64);
    first_ = 0.9 * first_ + 0.1 * gradient;
    second_ = 0.999 * second_ + 0.001 * gradient.square();
    const torch::Tensor m = first_ / (1 - std::pow(0.9, count_));
    const torch::Tensor v = second_ / (1 - std::pow(0.999, count_));
    torch::Tensor move = m / (v.sqrt() + 1e-8);
    const torch::Tensor weight = entry_.tensor.to(torch::kFloat64);
    if (entry_.weight_decay > 0) {
      move = move + entry_.weight_decay * weight;
      move = move * (weight.norm() / move.norm());
    }
    entry_.tensor.copy_(weight - 0.01 * entry_.lr_factor * move);
  }

 private:
  TrainedTensor entry_;
  torch::Tensor first_;
  torch::Tensor second_;
  double count_ = 0;
};

TEST(LambTest, MovesAsItsAlgorithmSays) {
  const auto reference = [](const TrainedTensor& entry) { return LambByTheBook(entry); };
  EXPECT_LT(difference_to(options_of(OptimizerType::kLamb), reference), 5e-6);
}

TEST(LambTest, LeavesWeightsOfZeroLengthAWay) {
  std::vector<TrainedTensor> tensors = {{"zero", torch::zeros({3, 3}).requires_grad_(), 0.1, 1.0}};
  const auto optimizer = make_optimizer(tensors, options_of(OptimizerType::kLamb));
  tensors[0].tensor.mutable_grad() = torch::ones({3, 3});
  optimizer->step(0.01);
  EXPECT_NEAR(tensors[0].tensor[0][0].item<double>(), -0.01, 1e-6);
}

TEST(AdamWTest, TakesGradientsOfAnyLayout) {
  const OptimizerOptions options;
  std::vector<TrainedTensor> straight = pair_of_tensors(2);
  std::vector<TrainedTensor> turned = pair_of_tensors(2);
  const auto first = make_optimizer(straight, options);
  const auto second = make_optimizer(turned, options);
  const torch::Tensor gradient = torch::randn({17, 9});
  straight[0].tensor.mutable_grad() = gradient.clone();
  turned[0].tensor.mutable_grad() = gradient.t().contiguous().t();
  first->step(0.1);
  second->step(0.1);
  EXPECT_TRUE(torch::equal(straight[0].tensor, turned[0].tensor));
}

class EveryRule : public testing::TestWithParam<OptimizerType> {};

TEST_P(EveryRule, StateRestoresTheSameMoves) {
  const OptimizerOptions options = options_of(GetParam());
  std::vector<TrainedTensor> whole = pair_of_tensors(3);
  std::vector<TrainedTensor> cut = pair_of_tensors(3);
  const auto optimizer = make_optimizer(whole, options);
  auto part = make_optimizer(cut, options);
  for (int step = 0; step < 6; ++step) {
    if (step == 3) {
      std::map<std::string, torch::Tensor> state;
      for (const auto& [name, tensor] : part->state()) state[name] = tensor.clone();
      part = make_optimizer(cut, options);
      part->load(state, 3);
    }
    for (size_t i = 0; i < 2; ++i) {
      const torch::Tensor gradient = torch::randn_like(whole[i].tensor);
      whole[i].tensor.mutable_grad() = gradient.clone();
      cut[i].tensor.mutable_grad() = gradient.clone();
    }
    optimizer->step(0.05);
    part->step(0.05);
  }
  EXPECT_TRUE(torch::equal(whole[0].tensor, cut[0].tensor));
  EXPECT_TRUE(torch::equal(whole[1].tensor, cut[1].tensor));
  EXPECT_THAT([&] { part->load({}, 0); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("the optimizer's state has no")));
}

INSTANTIATE_TEST_SUITE_P(Optimizers,
                         EveryRule,
                         testing::Values(OptimizerType::kAdamW,
                                         OptimizerType::kSgd,
                                         OptimizerType::kLamb));

TEST(AdamWTest, ClipsTheCommonLengthOfAllGradients) {
  std::vector<TrainedTensor> tensors = pair_of_tensors(4);
  const auto optimizer = make_optimizer(tensors, {});
  tensors[0].tensor.mutable_grad() = torch::full({17, 9}, 2.0);
  tensors[1].tensor.mutable_grad() = torch::full({9}, 2.0);
  const double length = 2.0 * std::sqrt(17 * 9 + 9);
  EXPECT_NEAR(optimizer->clip_gradients(0).total.item<double>(), length, 1e-4);
  EXPECT_EQ(tensors[1].tensor.grad()[0].item<double>(), 2.0) << "0 does not clip";
  EXPECT_NEAR(optimizer->clip_gradients(100).total.item<double>(), length, 1e-4);
  EXPECT_EQ(tensors[1].tensor.grad()[0].item<double>(), 2.0) << "short ones stay as they are";
  EXPECT_NEAR(optimizer->clip_gradients(1).total.item<double>(), length, 1e-4);
  EXPECT_NEAR(tensors[1].tensor.grad()[0].item<double>(), 2.0 / length, 1e-6);
  EXPECT_NEAR(optimizer->clip_gradients(0).total.item<double>(), 1.0, 1e-5);
}

}  // namespace
}  // namespace mixwright::train
