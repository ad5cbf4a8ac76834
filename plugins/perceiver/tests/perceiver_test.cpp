// What the golden cases do not show: several queries, queries that the input makes, and refusals.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/perceiver/decoder.h"
#include "plugins/perceiver/latents.h"
#include "tests/support/error_text.h"

namespace mixwright::perceiver {
namespace {

using testing::HasSubstr;

/// A linear layer over the channels, to the width that is wanted.
class Widen final : public Embedding {
 public:
  explicit Widen(const BuildContext& context)
      : linear_(register_module("linear", torch::nn::Linear(context.shape.channels, context.dim))) {
    set_out_shape(context.shape.with_channels(context.dim));
  }
  torch::Tensor forward(const torch::Tensor& x) override { return linear_(x); }

 private:
  torch::nn::Linear linear_{nullptr};
};

/// Builds a Widen whatever it is asked for.
class OnlyWiden final : public ComponentFactory {
 public:
  std::shared_ptr<void> make(const std::string&,
                             const ConfigValue&,
                             const BuildContext& context) const override {
    return std::static_pointer_cast<Layer>(std::make_shared<Widen>(context));
  }
  void check(const std::string&, const ConfigValue&, Diagnostics&) const override {}
};

/// Neither norm nor channel mixer, which a host builds.
template <class Options>
Options bare() {
  Options options;
  options.norm = {};
  options.channel_mixer = {};
  return options;
}

BuildContext context_for(int64_t classes) {
  BuildContext context;
  context.shape.grid = {6};
  context.shape.channels = 8;
  context.dim = 8;
  context.classes = classes;
  context.input.grid = {4, 5};
  context.input.channels = 3;
  return context;
}

TEST(Decoder, SeveralQueriesGiveSeveralAnswers) {
  DecoderOptions options = bare<DecoderOptions>();
  options.queries = 3;
  options.query_dim = 5;
  options.outputs = 2;
  Decoder head(options, context_for(0));
  Features features;
  features.last = torch::randn({2, 6, 8});
  const torch::Tensor y = head.forward(features);
  EXPECT_EQ(y.sizes(), torch::IntArrayRef({2, 3, 2}));
  EXPECT_FALSE(torch::allclose(y.select(1, 0), y.select(1, 1)));
  EXPECT_FALSE(head.needs_input());
}

TEST(Decoder, QueriesOfTheInputAnswerPlaceByPlace) {
  const OnlyWiden factory;
  BuildContext context = context_for(7);
  context.factory = &factory;
  DecoderOptions options = bare<DecoderOptions>();
  options.query_embedding = Component<Embedding>("anything");
  Decoder head(options, context);
  EXPECT_TRUE(head.needs_input());
  EXPECT_EQ(head.named_parameters().find("queries"), nullptr);
  Features features;
  features.last = torch::randn({2, 6, 8});
  features.input = torch::randn({2, 4, 5, 3});
  const torch::Tensor y = head.forward(features);
  EXPECT_EQ(y.sizes(), torch::IntArrayRef({2, 4, 5, 7}));
  features.input = features.input.flip(2);
  EXPECT_TRUE(torch::allclose(head.forward(features), y.flip(2), 1e-5, 1e-6));
}

TEST(Decoder, RefusesANetworkWithoutClasses) {
  EXPECT_THAT(test::error_text([] { Decoder(bare<DecoderOptions>(), context_for(0)); }),
              HasSubstr("set model.input.classes, or outputs"));
}

TEST(Latents, TheirNumberIsThatOfTheTokensThatComeOut) {
  LatentsOptions options = bare<LatentsOptions>();
  options.tokens = 3;
  options.heads = 2;
  Latents embedding(options, context_for(0).with_dim(10));
  EXPECT_EQ(embedding.out_shape().text(), "[3, 10]");
  const torch::Tensor x = torch::randn({2, 9, 2, 8});
  const torch::Tensor y = embedding.forward_in_context(x, Context{});
  EXPECT_EQ(y.sizes(), torch::IntArrayRef({2, 3, 10}));
  EXPECT_TRUE(torch::allclose(embedding.forward_in_context(x.flip(1), Context{}), y, 1e-5, 1e-6));
}

TEST(Latents, RefuseHeadsThatDoNotDivide) {
  LatentsOptions options = bare<LatentsOptions>();
  options.tokens = 3;
  options.heads = 3;
  EXPECT_THAT(test::error_text([&] { Latents(options, context_for(0)); }),
              HasSubstr("qk_dim = 8 does not divide into 3 heads"));
  options.heads = 2;
  options.v_dim = 5;
  EXPECT_THAT(test::error_text([&] { Latents(options, context_for(0)); }),
              HasSubstr("v_dim = 5 does not divide into 2 heads"));
}

TEST(Latents, RefuseAPaddingMask) {
  LatentsOptions options = bare<LatentsOptions>();
  options.tokens = 3;
  Latents embedding(options, context_for(0));
  Context context;
  context.padding_mask = torch::ones({2, 6}, torch::kBool);
  EXPECT_THAT(
      test::error_text([&] { embedding.forward_in_context(torch::randn({2, 6, 8}), context); }),
      HasSubstr("padding mask"));
}

}  // namespace
}  // namespace mixwright::perceiver
