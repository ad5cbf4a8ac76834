#include "framework/model/recompute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/train/device.h"

namespace mixwright::model {
namespace {

/// Batch norm, linear layer, dropout: buffers, products, drawn numbers.
class Sample : public Block {
 public:
  Sample()
      : norm(register_module("norm", torch::nn::BatchNorm1d(6))),
        linear(register_module("linear", torch::nn::Linear(6, 6))) {}
  torch::Tensor forward(const torch::Tensor& x) override {
    ++runs;
    return x + torch::dropout(linear->forward(norm->forward(x)), 0.3, is_training());
  }
  torch::nn::BatchNorm1d norm;
  torch::nn::Linear linear;
  int runs = 0;
};

struct Outcome {
  torch::Tensor output;
  torch::Tensor input_gradient;
  std::vector<torch::Tensor> gradients;
  std::vector<torch::Tensor> buffers;
  torch::Tensor drawn_after;
};

/// Two blocks, the second on what the first gives.
Outcome train_once(bool recompute, bool bfloat16) {
  torch::manual_seed(1);
  std::vector<std::shared_ptr<Sample>> blocks = {std::make_shared<Sample>(),
                                                 std::make_shared<Sample>()};
  torch::Tensor x = torch::randn({16, 6}).requires_grad_();
  Outcome outcome;
  {
    const train::Autocast autocast(torch::kCPU, bfloat16);
    torch::Tensor y = x;
    for (const auto& block : blocks) {
      y = recompute ? recomputed(block, y, {}) : (*block)(y, Context{});
    }
    outcome.output = y.to(torch::kFloat32);
  }
  outcome.output.square().sum().backward();
  outcome.input_gradient = x.grad();
  for (const auto& block : blocks) {
    EXPECT_EQ(block->runs, recompute ? 2 : 1);
    for (const torch::Tensor& parameter : block->parameters()) {
      outcome.gradients.push_back(parameter.grad());
    }
    for (const torch::Tensor& buffer : block->buffers()) outcome.buffers.push_back(buffer);
  }
  outcome.drawn_after = torch::rand({4});
  return outcome;
}

TEST(RecomputeTest, ChangesNoBit) {
  for (const bool bfloat16 : {false, true}) {
    const Outcome kept = train_once(false, bfloat16);
    const Outcome again = train_once(true, bfloat16);
    EXPECT_TRUE(torch::equal(kept.output, again.output));
    EXPECT_TRUE(torch::equal(kept.input_gradient, again.input_gradient));
    ASSERT_EQ(kept.gradients.size(), again.gradients.size());
    for (size_t i = 0; i < kept.gradients.size(); ++i) {
      EXPECT_TRUE(torch::equal(kept.gradients[i], again.gradients[i])) << "gradient " << i;
    }
    for (size_t i = 0; i < kept.buffers.size(); ++i) {
      EXPECT_TRUE(torch::equal(kept.buffers[i], again.buffers[i])) << "running statistics " << i;
    }
    EXPECT_TRUE(torch::equal(kept.drawn_after, again.drawn_after)) << "draws after the step";
  }
}

}  // namespace
}  // namespace mixwright::model
