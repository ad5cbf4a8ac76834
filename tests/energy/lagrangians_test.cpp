// Lagrangians against the authors' numbers and against finite differences, all in float64.

#include <gtest/gtest.h>

#include "tests/energy/workshop.h"

namespace mixwright::energy {
namespace {

struct Named {
  const char* name;  // in the golden file
  const char* toml;
};

const std::vector<Named> kGolden = {
    {"identity", "type = \"identity\""},
    {"repu3", "type = \"rectified_polynomial\"\npower = 3"},
    {"repu4", "type = \"rectified_polynomial\"\npower = 4"},
    {"relu", "type = \"relu\""},
    {"softmax", "type = \"softmax\""},
    {"softmax_beta", "type = \"softmax\"\nbeta = 2.5"},
    {"layernorm", "type = \"layer_norm\""},
    {"layernorm_gd", "type = \"layer_norm\"\ngamma = 1.7\nshift = -0.4"},
    {"spherical_norm", "type = \"spherical_norm\""},
    {"spherical_norm_gd", "type = \"spherical_norm\"\ngamma = 0.6\nshift = 0.3"}};

TEST(Lagrangians, AreTheAuthors) {
  const auto file = golden("ham/lagrangians");
  const torch::Tensor x = file.at("x");
  for (const Named& each : kGolden) {
    SCOPED_TRACE(each.name);
    const auto lagrangian = make_lagrangian(each.toml, shape({11}));
    const std::string name = each.name;
    const torch::Tensor g = lagrangian->gradient(x);
    EXPECT_LT(relative_error(lagrangian->value(x), file.at("y.L." + name)), kStored);
    EXPECT_LT(relative_error(g, file.at("y.g." + name)), kStored);
    EXPECT_LT(relative_error(lagrangian->energy(x, g), file.at("y.E." + name)), kStored);
    EXPECT_LT(relative_error(lagrangian->hessian_product(x, file.at("r")), file.at("h." + name)),
              kStored);
  }
}

TEST(Lagrangians, OfALayerWithAGridAreTheAuthors) {
  const auto file = golden("ham/lagr_layernorm_2d");
  const torch::Tensor x = file.at("x").unsqueeze(0);  // one sample [4, 7]
  // The authors add the shift once for each of the 4 rows where they normalise rows.
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"layernorm", "type = \"layer_norm\"\nover = \"channels\"\ngamma = 1.2\nshift = 1.0"},
      {"layernorm_all", "type = \"layer_norm\"\ngamma = 1.2\nshift = 0.25"},
      {"spherical_norm",
       "type = \"spherical_norm\"\nover = \"channels\"\ngamma = 1.2\nshift = 1.0"}};
  for (const auto& [name, toml] : cases) {
    SCOPED_TRACE(name);
    const auto lagrangian = make_lagrangian(toml, shape({4, 7}));
    EXPECT_LT(relative_error(lagrangian->value(x), file.at("y.L." + name)), kStored);
    EXPECT_LT(relative_error(lagrangian->gradient(x)[0], file.at("y.g." + name)), kStored);
  }
}

const std::vector<std::string> kAll = {
    "type = \"identity\"",
    "type = \"rectified_polynomial\"\npower = 2.5",
    "type = \"rectified_polynomial\"\npower = 3",
    "type = \"rectified_polynomial\"\npower = 7",
    "type = \"relu\"",
    "type = \"gelu\"",
    "type = \"softmax\"\nbeta = 3",
    "type = \"softmax\"\nover = \"channels\"",
    "type = \"layer_norm\"\ngamma = 0.7\nshift = 0.2",
    "type = \"layer_norm\"\nover = \"channels\"\nlearned = \"elementwise\"\nshift = 0.3",
    "type = \"spherical_norm\"\nlearned = \"scalar\"\nshift = 0.3",
    "type = \"spherical_norm\"\nover = \"channels\"",
    "type = \"sigmoid\"",
    "type = \"tanh\"",
    "type = \"exponential\""};

// Fourth-order differences: (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h.
template <class Function>
torch::Tensor differentiated(const Function& f, const torch::Tensor& x, const torch::Tensor& v) {
  constexpr double kStep = 1e-3;
  const auto at = [&](double factor) { return f(x + factor * kStep * v); };
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * kStep);
}

TEST(Lagrangians, AgreeWithFiniteDifferences) {
  torch::manual_seed(1);
  for (const std::string& toml : kAll) {
    SCOPED_TRACE(toml);
    const auto lagrangian = make_lagrangian(toml, shape({3, 5}));
    torch::Tensor x = torch::randn({40, 3, 5}, torch::kFloat64);
    // Kinks lie at 0: not within reach of the differences.
    x = torch::where(x.abs() < 0.05, x + 0.1, x);
    const torch::Tensor v = torch::rand_like(x) * 2 - 1;
    const torch::NoGradGuard no_grad;
    const auto value = [&](const torch::Tensor& at) { return lagrangian->value(at); };
    const auto gradient = [&](const torch::Tensor& at) { return lagrangian->gradient(at); };
    EXPECT_LT(relative_error((gradient(x) * v).flatten(1).sum(1), differentiated(value, x, v)),
              1e-8);
    EXPECT_LT(relative_error(lagrangian->hessian_product(x, v), differentiated(gradient, x, v)),
              1e-8);
  }
}

TEST(Lagrangians, AgreeWithAutograd) {
  torch::manual_seed(2);
  for (const std::string& toml : kAll) {
    SCOPED_TRACE(toml);
    const auto lagrangian = make_lagrangian(toml, shape({3, 5}));
    const torch::Tensor x = torch::randn({6, 3, 5}, torch::kFloat64).requires_grad_();
    const torch::Tensor v = torch::randn({6, 3, 5}, torch::kFloat64);
    const torch::Tensor g = lagrangian->gradient(x);
    EXPECT_LT(relative_error(torch::autograd::grad({lagrangian->value(x).sum()}, {x})[0], g),
              1e-12);
    EXPECT_LT(relative_error(torch::autograd::grad({(g * v).sum()}, {x})[0],
                             lagrangian->hessian_product(x, v)),
              1e-12);
  }
}

TEST(Lagrangians, RunWithoutAutograd) {
  const c10::InferenceMode inference;
  for (const std::string& toml : kAll) {
    const auto lagrangian = make_lagrangian(toml, shape({3, 5}));
    const torch::Tensor x = torch::randn({2, 3, 5}, torch::kFloat64);
    EXPECT_TRUE(lagrangian->hessian_product(x, x).isfinite().all().item<bool>()) << toml;
  }
}

TEST(Lagrangians, SayWhetherTheyAreConvex) {
  EXPECT_FALSE(make_lagrangian("type = \"gelu\"", shape({4}))->is_convex());
  const torch::Tensor x = torch::full({1, 4}, -1.5, torch::kFloat64);
  EXPECT_LT(make_lagrangian("type = \"gelu\"", shape({4}))
                ->hessian_product(x, torch::ones_like(x))
                .max()
                .item<double>(),
            0);
  EXPECT_TRUE(make_lagrangian("type = \"layer_norm\"", shape({4}))->is_convex());
  EXPECT_FALSE(make_lagrangian("type = \"layer_norm\"\ngamma = -1", shape({4}))->is_convex());
  const auto learned = make_lagrangian("type = \"layer_norm\"\nlearned = \"scalar\"", shape({4}));
  EXPECT_TRUE(learned->is_convex());
  set_parameter(*learned, "affine.gamma", torch::full({1}, -0.1));
  EXPECT_FALSE(learned->is_convex());
}

TEST(Lagrangians, PowersBelowTwoHaveFiniteGradientsEverywhere) {
  const auto lagrangian =
      make_lagrangian("type = \"rectified_polynomial\"\npower = 1.5", shape({3}));
  const torch::Tensor x = torch::tensor({{-1.0, 0.0, 4.0}}, torch::kFloat64).requires_grad_();
  lagrangian->gradient(x).sum().backward();
  EXPECT_TRUE(x.grad().equal(torch::tensor({{0.0, 0.0, 0.25}}, torch::kFloat64))) << x.grad();
}

}  // namespace
}  // namespace mixwright::energy
