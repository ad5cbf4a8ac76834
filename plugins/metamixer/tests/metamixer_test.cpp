// Projections and interactions alone: shapes, rows, masks and refusals. What the mixer makes of
// them stands in tests/metamixer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/metamixer/convolution.h"
#include "plugins/metamixer/dot_product.h"
#include "plugins/metamixer/linear.h"
#include "plugins/metamixer/parameter.h"
#include "plugins/metamixer/product.h"
#include "plugins/metamixer/transpose.h"
#include "plugins/metamixer/weighted_sum.h"
#include "tests/support/error_text.h"

namespace mixwright::metamixer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using torch::Tensor;

BuildContext on(const Shape& shape, int64_t dim = 0) {
  BuildContext context;
  context.shape = shape;
  context.dim = dim == 0 ? shape.channels : dim;
  return context;
}

BuildContext between(const Shape& left, const Shape& right) {
  return Interaction::between(BuildContext(), left, right);
}

ParameterOptions parameter_options(std::optional<int64_t> slots, std::optional<int64_t> kernel) {
  ParameterOptions options;
  options.slots = slots;
  options.kernel = kernel;
  return options;
}

const Shape kPicture{{4, 6}, 8, 0, {}};

template <class Build>
std::string refusal(const Build& build) {
  return test::error_text(build);
}

TEST(Parameter, IsATableOrAKernel) {
  ParameterOptions options;
  options.ratio = 1.5;
  const Parameter by_ratio(options, on(kPicture, 4));
  EXPECT_EQ(by_ratio.out_shape().text(), "[6, 4]");
  options.slots = 3;
  options.dim = 5;
  const Parameter by_slots(options, on(kPicture, 4));
  EXPECT_EQ(by_slots.out_shape().text(), "[3, 5]");
  Parameter kernel(parameter_options({}, 3), on(kPicture));
  EXPECT_EQ(kernel.out_shape().text(), "[3, 3, 8]");
  EXPECT_TRUE(kernel.is_static());
  EXPECT_THAT(kernel.forward(torch::zeros({2, 4, 6, 8})).sizes(), ElementsAre(1, 3, 3, 8));
}

TEST(Parameter, StartsAsWideAsItIsTold) {
  torch::manual_seed(1);
  ParameterOptions options = parameter_options(1000, {});
  options.std = 0.5;
  const Parameter table(options, on(kPicture));
  EXPECT_NEAR(table.parameters()[0].std().item<double>(), 0.5, 0.02);
}

TEST(Parameter, RefusesTwoSizesAndNone) {
  EXPECT_THAT(refusal([] { Parameter(parameter_options(3, 3), on(kPicture)); }),
              HasSubstr("give one of them"));
  ParameterOptions options;
  options.ratio = 0.1;
  EXPECT_THAT(refusal([&] { Parameter(options, on(kPicture)); }),
              HasSubstr("leaves no row; give a larger ratio, or slots"));
}

TEST(Linear, GivesTheChannelsThatAreWishedFor) {
  EXPECT_EQ(Linear({}, on(kPicture, 3)).out_shape().text(), "[4, 6, 3]");
  LinearOptions five;
  five.dim = 5;
  EXPECT_EQ(Linear(five, on(kPicture, 3)).out_shape().text(), "[4, 6, 5]");
}

TEST(Transpose, TwiceIsNothing) {
  Transpose there(on(kPicture));
  Transpose back(on(there.out_shape()));
  const Tensor x = torch::randn({2, 4, 6, 8});
  EXPECT_EQ(there.out_shape().text(), "[8, 24]");
  EXPECT_EQ(back.out_shape().text(), "[24, 8]");
  EXPECT_TRUE(back.forward(there.forward(x)).equal(x.flatten(1, 2)));
}

TEST(Transpose, RefusesAnotherNumberOfTokens) {
  Transpose transpose(on(kPicture));
  EXPECT_THAT(refusal([&] { transpose.forward(torch::zeros({2, 4, 4, 8})); }),
              HasSubstr("has N = 16 tokens, it was built for 24"));
}

TEST(DotProduct, ScoresRowByRow) {
  // Rows of the left operand meet rows of the right one in turn: 4 of 2.
  DotProduct scores({}, between({{3}, 2, 0, {}}, {{5}, 2, 0, {}}));
  const Tensor q = torch::randn({4, 3, 2});
  const Tensor k = torch::randn({2, 5, 2});
  const Tensor s = scores.forward_in_context(q, k, {});
  for (int64_t b = 0; b < 4; ++b) {
    EXPECT_TRUE(torch::allclose(s[b], q[b].matmul(k[b % 2].t()))) << b;
  }
}

TEST(DotProduct, KeysOfThePaddingMaskScoreTheLowest) {
  DotProduct scores({}, between({{3}, 2, 0, {}}, {{3}, 2, 0, {}}));
  Context context;
  context.padding_mask = torch::tensor({{true, true, false}, {true, true, true}});
  const Tensor q = torch::randn({4, 3, 2});  // two heads
  const Tensor s = scores.forward_in_context(q, torch::randn({4, 3, 2}), context);
  const Tensor a = torch::softmax(s, -1);
  EXPECT_EQ(a.slice(0, 0, 2).select(2, 2).abs().max().item<double>(), 0);
  EXPECT_GT(a.slice(0, 2, 4).select(2, 2).min().item<double>(), 0);
  EXPECT_EQ(torch::gelu(s).slice(0, 0, 2).select(2, 2).abs().max().item<double>(), 0);
}

TEST(DotProduct, RefusesMasksAndKeysThatDoNotFit) {
  EXPECT_THAT(refusal([] { DotProduct({}, between(kPicture, {{5}, 7, 0, {}})); }),
              HasSubstr("the query has 8 channels, the key 7"));
  DotProduct scores({.bias = true}, between(kPicture, {{5}, 8, 0, {}}));
  EXPECT_THAT(refusal([&] {
                scores.forward_in_context(torch::zeros({2, 4, 6, 8}), torch::zeros({1, 6, 8}), {});
              }),
              HasSubstr("has 6 tokens, the bias was built for 5"));
  Context context;
  context.padding_mask = torch::ones({2, 4});
  EXPECT_THAT(refusal([&] {
                scores.forward_in_context(
                    torch::zeros({2, 4, 6, 8}), torch::zeros({1, 5, 8}), context);
              }),
              HasSubstr("padding mask [2, 4] does not fit scores [2, 4, 6, 5]"));
}

TEST(CausalDotProduct, SeesNoLaterToken) {
  CausalDotProduct scores({}, between(kPicture, kPicture));
  const Tensor x = torch::randn({2, 4, 6, 8});
  const Tensor a = torch::softmax(scores.forward_in_context(x, x, {}), -1).flatten(1, 2);
  EXPECT_EQ(a.triu(1).abs().max().item<double>(), 0);
  EXPECT_GT(a.diagonal(0, 1, 2).min().item<double>(), 0);
}

TEST(CausalDotProduct, RefusesKeysThatAreNoTokensOfTheQuery) {
  EXPECT_THAT(refusal([] { CausalDotProduct({}, between(kPicture, {{5}, 8, 0, {}})); }),
              HasSubstr("the query has 24 tokens, the key 5"));
}

TEST(WeightedSum, RefusesAnotherNumberOfValues) {
  EXPECT_THAT(refusal([] { WeightedSum({}, between(kPicture, {{5}, 3, 0, {}})); }),
              HasSubstr("8 coefficients, and there are 5 values"));
}

TEST(Convolution, HasAKernelForEveryRow) {
  const Shape sides[] = {{{7}, 3, 0, {}}, {{5, 6}, 3, 0, {}}, {{3, 4, 5}, 3, 0, {}}};
  for (const Shape& shape : sides) {
    const Shape kernel = shape.with_grid(std::vector<int64_t>(shape.grid.size(), 3));
    Convolution convolution({.bias = true}, between(shape, kernel));
    convolution.parameters()[0].data().normal_();
    std::vector<int64_t> left = {4};
    left.insert(left.end(), shape.grid.begin(), shape.grid.end());
    left.push_back(3);
    std::vector<int64_t> right = {2};
    right.insert(right.end(), kernel.grid.begin(), kernel.grid.end());
    right.push_back(3);
    const Tensor x = torch::randn(left);
    const Tensor kernels = torch::randn(right);
    const Tensor y = convolution.forward(x, kernels);
    EXPECT_TRUE(y.is_contiguous());
    for (int64_t b = 0; b < 4; ++b) {
      const Tensor alone = convolution.forward(x.narrow(0, b, 1), kernels.narrow(0, b % 2, 1));
      EXPECT_TRUE(torch::allclose(y.narrow(0, b, 1), alone, 1e-4, 1e-5)) << shape.text() << b;
    }
  }
}

TEST(Convolution, RefusesWhatIsNoKernel) {
  EXPECT_THAT(refusal([] { Convolution({}, between(kPicture, {{3}, 8, 0, {}})); }),
              HasSubstr("kernel [3, 8] does not fit [4, 6, 8]"));
  EXPECT_THAT(refusal([] { Convolution({}, between(kPicture, {{3, 3}, 7, 0, {}})); }),
              HasSubstr("as many dimensions and channels"));
  EXPECT_THAT(refusal([] { Convolution({}, between(kPicture, {{3, 4}, 8, 0, {}})); }),
              HasSubstr("must have odd sides"));
  EXPECT_THAT(refusal([] { Convolution({}, between({{5}, 8, 1, {2, 2}}, {{3}, 8, 0, {}})); }),
              HasSubstr("begins with prefix tokens (1)"));
}

TEST(Product, TakesTheSameShapeOrOneToken) {
  Product product(between(kPicture, {{1}, 8, 0, {}}));
  const Tensor x = torch::randn({4, 4, 6, 8});
  const Tensor gates = torch::randn({2, 1, 8});
  const Tensor y = product.forward(x, gates);
  for (int64_t b = 0; b < 4; ++b) EXPECT_TRUE(y[b].equal(x[b] * gates[b % 2])) << b;
  EXPECT_THAT(refusal([] { Product(between(kPicture, {{24}, 8, 0, {}})); }),
              HasSubstr("right operand [24, 8] does not fit [4, 6, 8]"));
}

}  // namespace
}  // namespace mixwright::metamixer
