// Synapses against the authors' numbers and against autograd, in float64.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/energy/workshop.h"
#include "tests/support/error_text.h"

namespace mixwright::energy {
namespace {

using testing::HasSubstr;

Tensors draw(const std::vector<Shape>& layers) {
  Tensors g;
  for (const Shape& layer : layers) {
    std::vector<int64_t> sizes = {3};
    sizes.insert(sizes.end(), layer.grid.begin(), layer.grid.end());
    sizes.push_back(layer.channels);
    g.push_back(torch::randn(sizes, torch::kFloat64).requires_grad_());
  }
  return g;
}

TEST(Synapses, DenseIsTheAuthors) {
  const auto file = golden("ham/synapses");
  const auto synapse = make_synapse("type = \"dense\"", {shape({8}), shape({6})});
  set_parameter(*synapse, "weight", file.at("w.dense.W"));
  const Tensors g = {file.at("x.g1"), file.at("x.g2")};
  EXPECT_LT(relative_error(synapse->energy(g), file.at("y.dense")), kStored);
  EXPECT_LT(relative_error(synapse->gradient(g, 0), file.at("g.dense.g1")), kStored);
  EXPECT_LT(relative_error(synapse->gradient(g, 1), file.at("g.dense.g2")), kStored);
  synapse->energy(g).sum().backward();
  EXPECT_LT(relative_error(synapse->parameters()[0].grad(), file.at("g.dense.W")), kStored);
}

TEST(Synapses, MemoriesAreTheAuthors) {
  const auto file = golden("ham/synapses");
  const auto synapse = make_synapse("type = \"memories\"\nmemories = 6", {shape({8})});
  set_parameter(*synapse, "weight", file.at("w.hid.W"));
  const Tensors g = {file.at("x.g1")};
  EXPECT_LT(relative_error(synapse->energy(g), file.at("y.hid")), kStored);
  EXPECT_LT(relative_error(synapse->gradient(g, 0), file.at("g.hid.g1")), kStored);
  synapse->energy(g).sum().backward();
  EXPECT_LT(relative_error(synapse->parameters()[0].grad(), file.at("g.hid.W")), kStored);
}

struct Case {
  std::string toml;
  std::vector<Shape> layers;
};

const std::vector<Case> kCases = {
    {"type = \"dense\"", {shape({2, 3, 4}), shape({5})}},
    {"type = \"shared\"\naxis = \"tokens\"", {shape({7, 4}), shape({2, 3, 4})}},
    {"type = \"shared\"\naxis = \"tokens\"", {shape({7}), shape({2, 3, 4})}},
    {"type = \"shared\"\naxis = \"channels\"", {shape({2, 3, 7}), shape({2, 3, 4})}},
    {"type = \"shared\"\naxis = \"channels\"", {shape({7}), shape({2, 3, 4})}},
    {"type = \"convolutional\"", {shape({9, 5}), shape({9, 2})}},
    {"type = \"convolutional\"\nkernel = 5", {shape({6, 7, 3}), shape({6, 7, 2})}},
    {"type = \"convolutional\"\nstride = 2", {shape({4, 3, 3}), shape({8, 5, 2})}},
    {"type = \"convolutional\"\nstride = 3", {shape({3, 3, 3}), shape({7, 8, 2})}},
    {"type = \"convolutional\"", {shape({3, 4, 5, 3}), shape({3, 4, 5, 2})}},
    {"type = \"multiway\"", {shape({4}), shape({2, 3})}},
    {"type = \"multiway\"", {shape({4}), shape({2, 3}), shape({5})}},
    {"type = \"multiway\"", {shape({4}), shape({2, 3}), shape({5}), shape({2})}},
    {"type = \"multiway\"\nrank = 3", {shape({4}), shape({2, 3}), shape({5}), shape({2})}},
    {"type = \"memories\"\nmemories = 5\nnormalized = false", {shape({2, 3})}},
    {"type = \"memories\"\nmemories = 5\nbeta = 2", {shape({2, 3})}},
    {"type = \"current\"", {shape({2, 3, 4})}},
    {"type = \"current\"\nof = \"tokens\"", {shape({2, 3, 4})}},
    {"type = \"current\"\nof = \"channels\"", {shape({2, 3, 4})}}};

TEST(Synapses, GradientsAreThoseOfTheEnergy) {
  torch::manual_seed(3);
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.toml + " on " + each.layers.back().text());
    const auto synapse = make_synapse(each.toml, each.layers);
    for (torch::Tensor& parameter : synapse->parameters()) {
      const torch::NoGradGuard no_grad;
      parameter.normal_();
    }
    const Tensors g = draw(each.layers);
    const torch::Tensor energy = synapse->energy(g);
    ASSERT_EQ(energy.sizes(), torch::IntArrayRef({3}));
    const auto expected = torch::autograd::grad({energy.sum()}, g);
    for (size_t i = 0; i < g.size(); ++i) {
      EXPECT_LT(relative_error(synapse->gradient(g, i), expected[i]), 1e-13) << i;
    }
    EXPECT_TRUE(synapse->is_symmetric());
  }
}

TEST(Synapses, RunWithoutAutograd) {
  for (const Case& each : kCases) {
    const auto synapse = make_synapse(each.toml, each.layers);
    const Tensors drawn = draw(each.layers);
    const c10::InferenceMode inference;
    Tensors g;
    for (const torch::Tensor& x : drawn) g.push_back(x.detach().clone());
    EXPECT_TRUE(synapse->gradient(g, 0).isfinite().all().item<bool>()) << each.toml;
  }
}

TEST(Synapses, AnAsymmetricPartActsOnTheSecondLayerAlone) {
  torch::manual_seed(4);
  const std::vector<std::pair<std::string, std::vector<Shape>>> cases = {
      {"type = \"dense\"\nasymmetric = true", {shape({5}), shape({6})}},
      {"type = \"shared\"\nasymmetric = true", {shape({5, 4}), shape({6, 4})}},
      {"type = \"shared\"\nasymmetric = true", {shape({5}), shape({6, 4})}},
      {"type = \"shared\"\naxis = \"channels\"\nasymmetric = true",
       {shape({6, 5}), shape({6, 4})}}};
  for (const auto& [toml, layers] : cases) {
    SCOPED_TRACE(toml);
    const auto synapse = make_synapse(toml, layers);
    EXPECT_FALSE(synapse->is_symmetric());
    const Tensors g = draw(layers);
    const auto of_energy = torch::autograd::grad({synapse->energy(g).sum()}, g);
    EXPECT_LT(relative_error(synapse->gradient(g, 0), of_energy[0]), 1e-13);
    EXPECT_GT(relative_error(synapse->gradient(g, 1), of_energy[1]), 1e-2);
    const torch::Tensor with = synapse->gradient(g, 1).detach().clone();
    const auto sizes = synapse->named_parameters()["asymmetry"].sizes();
    set_parameter(*synapse, "asymmetry", torch::zeros(sizes));
    EXPECT_LT(relative_error(synapse->gradient(g, 1), of_energy[1]), 1e-13);
    EXPECT_GT(absolute_error(synapse->gradient(g, 1), with), 0);
  }
}

TEST(Synapses, SayWhatTheyCannotConnect) {
  const auto reason = [](const std::string& toml, const std::vector<Shape>& layers) {
    return test::error_text([&] { make_synapse(toml, layers); });
  };
  EXPECT_THAT(reason("type = \"dense\"", {shape({3})}), HasSubstr("connects 2 layers, 1 named"));
  EXPECT_THAT(
      reason("type = \"shared\"", {shape({7, 5}), shape({6, 4})}),
      HasSubstr("the first layer is [7, 5], with a second layer of [6, 4] it must be [h, 4]"));
  EXPECT_THAT(reason("type = \"shared\"\naxis = \"channels\"", {shape({7, 5}), shape({6, 4})}),
              HasSubstr("it must be [6, h]"));
  EXPECT_THAT(reason("type = \"convolutional\"\nstride = 2", {shape({7, 5}), shape({6, 4})}),
              HasSubstr("makes a grid of [3]"));
  EXPECT_THAT(reason("type = \"current\"", {shape({3}), shape({3})}), HasSubstr("2 named"));
}

}  // namespace
}  // namespace mixwright::energy
