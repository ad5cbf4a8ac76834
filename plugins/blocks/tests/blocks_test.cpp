// The blocks with layers of which the answer is known: "times" with a factor, and "narrow", which
// breaks the shape on purpose.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/blocks/chain.h"
#include "plugins/blocks/parallel.h"
#include "plugins/blocks/residuals.h"
#include "plugins/blocks/serial.h"
#include "tests/support/error_text.h"

namespace mixwright::blocks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// y = factor x, with the factor as its one tensor.
class Times final : public Layer {
 public:
  explicit Times(double factor) : factor_(register_parameter("factor", torch::full({1}, factor))) {}
  torch::Tensor forward(const torch::Tensor& x) override { return x * factor_; }

 private:
  torch::Tensor factor_;
};

/// Keeps the first channel only.
class Narrow final : public Layer {
 public:
  explicit Narrow(const BuildContext& context) { set_out_shape(context.shape.with_channels(1)); }
  torch::Tensor forward(const torch::Tensor& x) override { return x.narrow(-1, 0, 1); }
};

/// "narrow", "none", or the factor of a Times.
class Factory final : public ComponentFactory {
 public:
  std::shared_ptr<void> make(const std::string&,
                             const ConfigValue& value,
                             const BuildContext& context) const override {
    if (value.is_string() && value.as_string() == "none") return nullptr;
    LayerPtr layer;
    if (value.is_string()) {
      layer = std::make_shared<Narrow>(context);
    } else {
      layer = std::make_shared<Times>(value.as_number());
      layer->set_out_shape(context.shape);
    }
    return layer;
  }
  void check(const std::string&, const ConfigValue&, Diagnostics&) const override {}
};

const Factory kFactory;

BuildContext context_for(int64_t channels) {
  BuildContext context;
  context.shape.grid = {3};
  context.shape.channels = channels;
  context.factory = &kFactory;
  return context;
}

template <class Kind>
Component<Kind> times(double factor, const std::string& name) {
  Component<Kind> component{ConfigValue(factor)};
  component.set_name(name);
  return component;
}

LayerOption layer(ConfigValue value) {
  return {"token_mixer", std::move(value)};
}

SerialOptions serial_options() {
  SerialOptions options;
  options.norm = times<Normalization>(2, "norm");
  options.token_mixer = times<TokenMixer>(3, "token_mixer");
  options.channel_mixer = times<ChannelMixer>(5, "channel_mixer");
  return options;
}

/// What a block makes of a one.
double of_one(Layer& block) {
  return block.forward_in_context(torch::ones({1, 3, 4}), Context{})[0][0][0].item<double>();
}

std::vector<std::string> names(const torch::nn::Module& module) {
  return module.named_parameters().keys();
}

TEST(Serial, RunsOneBranchAfterTheOther) {
  Serial block(serial_options(), context_for(4));
  EXPECT_EQ(of_one(block), (1 + 2 * 3) * (1 + 2 * 5));
  EXPECT_THAT(
      names(block),
      ElementsAre("norm1.factor", "token_mixer.factor", "norm2.factor", "channel_mixer.factor"));
}

TEST(Serial, ScalesBranchAndResidual) {
  SerialOptions options = serial_options();
  options.layer_scale = 0.5;
  options.res_scale = 4;
  Serial block(options, context_for(4));
  EXPECT_EQ(of_one(block), (4 + 3) * (4 + 5));
  EXPECT_THAT(names(block), testing::IsSupersetOf({"layer_scale1.scale", "res_scale2.scale"}));
}

TEST(Serial, SharesOneNorm) {
  SerialOptions options = serial_options();
  options.shared_norm = true;
  Serial block(options, context_for(4));
  EXPECT_EQ(of_one(block), (1 + 2 * 3) * (1 + 2 * 5));
  EXPECT_THAT(names(block),
              ElementsAre("norm.factor", "token_mixer.factor", "channel_mixer.factor"));
}

TEST(Serial, LeavesOutABranchWithItsNorm) {
  SerialOptions options = serial_options();
  options.token_mixer = Component<TokenMixer>("none");
  Serial block(options, context_for(4));
  EXPECT_THAT(names(block), ElementsAre("norm2.factor", "channel_mixer.factor"));
}

TEST(Serial, RefusesToBeEmpty) {
  SerialOptions options;
  options.norm = times<Normalization>(2, "norm");
  EXPECT_THAT(test::error_text([&] { Serial(options, context_for(4)); }),
              HasSubstr("an empty block"));
}

TEST(Serial, RefusesAMixerThatBreaksTheShape) {
  SerialOptions options = serial_options();
  options.channel_mixer = Component<ChannelMixer>("narrow");
  EXPECT_THAT(test::error_text([&] { Serial(options, context_for(4)); }),
              HasSubstr("channel_mixer makes [3, 1] of [3, 4]"));
}

TEST(Serial, DropsWholeBranchesOfSamplesInTrainingOnly) {
  torch::manual_seed(5);
  SerialOptions options = serial_options();
  options.drop_path = 0.5;
  Serial block(options, context_for(4));
  const torch::Tensor x = torch::ones({400, 3, 4});
  const torch::Tensor y = block.forward_in_context(x, Context{});
  // Kept branches count twice: factors 1 or 13 of the first, 1 or 21 of the second.
  const torch::Tensor of_sample = y.select(1, 0).select(1, 0);
  EXPECT_TRUE(y.equal(of_sample.view({400, 1, 1}).expand_as(y)));
  for (const double value : {1.0, 13.0, 21.0, 273.0}) {
    EXPECT_NEAR((of_sample == value).sum().item<double>(), 100, 40) << value;
  }
  block.eval();
  EXPECT_TRUE(block.forward_in_context(x, Context{}).equal(x * 77));
}

TEST(Parallel, AddsBothMixersOfOneNorm) {
  ParallelOptions options;
  options.norm = times<Normalization>(2, "norm");
  options.token_mixer = times<TokenMixer>(3, "token_mixer");
  options.channel_mixer = times<ChannelMixer>(5, "channel_mixer");
  Parallel block(options, context_for(4));
  EXPECT_EQ(of_one(block), 1 + 2 * 3 + 2 * 5);
  EXPECT_THAT(names(block),
              ElementsAre("norm.factor", "token_mixer.factor", "channel_mixer.factor"));
}

TEST(Parallel, RefusesToBeEmpty) {
  EXPECT_THAT(test::error_text([] { Parallel({}, context_for(4)); }), HasSubstr("an empty block"));
}

TEST(Residuals, StepsWithAndWithoutResidual) {
  ResidualsOptions options;
  options.step = {{true, {layer(2.0), layer("none"), layer(3.0)}}, {false, {layer(5.0)}}};
  Residuals block(options, context_for(4));
  EXPECT_EQ(of_one(block), (1 + 2 * 3) * 5);
  EXPECT_THAT(
      names(block),
      ElementsAre("steps.0.layers.0.factor", "steps.0.layers.2.factor", "steps.1.layers.0.factor"));
}

TEST(Residuals, RefuseAResidualStepThatBreaksTheShape) {
  ResidualsOptions options;
  options.step = {{true, {layer("narrow")}}};
  EXPECT_THAT(test::error_text([&] { Residuals(options, context_for(4)); }),
              HasSubstr("steps.0 makes [3, 1] of [3, 4]"));
}

TEST(Residuals, RefuseToBreakTheShapeAsAWhole) {
  ResidualsOptions options;
  options.step = {{false, {layer("narrow")}}};
  EXPECT_THAT(test::error_text([&] { Residuals(options, context_for(4)); }),
              HasSubstr("a block must keep the shape"));
}

TEST(Chain, MixerKeepsTheShapeAndEmbeddingMayNot) {
  const ChainOptions options{.layers = {layer(2.0), layer("narrow"), layer(3.0)}};
  EXPECT_THAT(test::error_text([&] { MixerChain(options, context_for(4)); }),
              HasSubstr("a mixer must keep the shape"));
  EmbeddingChain chain(options, context_for(4));
  EXPECT_EQ(chain.out_shape().text(), "[3, 1]");
  EXPECT_EQ(of_one(chain), 6);
}

TEST(Chain, RefusesToBeEmpty) {
  EXPECT_THAT(test::error_text([] { EmbeddingChain({}, context_for(4)); }),
              HasSubstr("an empty chain"));
}

}  // namespace
}  // namespace mixwright::blocks
