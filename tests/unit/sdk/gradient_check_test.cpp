#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>
#include <mixwright/gradient_check.h>

namespace mixwright {
namespace {

using Points = std::vector<torch::Tensor>;

/// x^2 whose gradient is given as 2.01 x.
class WrongSquare : public torch::autograd::Function<WrongSquare> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x) {
    context->save_for_backward({x});
    return x * x;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    return {gradients[0] * 2.01 * context->get_saved_variables()[0]};
  }
};

TEST(GradientCheckTest, ARightGradientPassesAndPointsStayWhereTheyWere) {
  const Points at = {torch::randn({3, 4}, torch::kFloat64), torch::randn({4}, torch::kFloat64)};
  const torch::Tensor kept = at[0].clone();
  EXPECT_EQ(gradient_failure([](const Points& p) { return (p[0] * p[1]).sin(); }, at), "");
  EXPECT_LT((at[0] - kept).abs().max().item<double>(), 1e-12);
}

TEST(GradientCheckTest, AGradientOffByHalfAPercentFails) {
  const auto function = [](const Points& p) { return WrongSquare::apply(p[0]); };
  EXPECT_THAT(gradient_failure(function, {torch::rand({5}, torch::kFloat64) + 1}),
              testing::HasSubstr("by finite differences"));
}

TEST(GradientCheckTest, SaysWhereNothingDependsOnThePoints) {
  const auto constant = [](const Points&) { return torch::ones({2}, torch::kFloat64); };
  EXPECT_EQ(gradient_failure(constant, {torch::rand({5}, torch::kFloat64)}),
            "the output does not depend on the input");
}

TEST(GradientCheckTest, RefusesFloat32) {
  EXPECT_THROW(gradient_failure([](const Points& p) { return p[0]; }, {torch::rand({5})}), Error);
}

}  // namespace
}  // namespace mixwright
