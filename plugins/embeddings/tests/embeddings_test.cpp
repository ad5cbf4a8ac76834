// Orders, shapes and refusals of the embeddings; their arithmetic is LibTorch's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/embeddings/conv.h"
#include "plugins/embeddings/patch.h"
#include "plugins/embeddings/patch_merging.h"
#include "tests/support/error_text.h"

namespace mixwright::embeddings {
namespace {

using testing::HasSubstr;
using torch::indexing::None;
using torch::indexing::Slice;

/// Default options with some of them set.
template <class Options, class Change>
Options set(const Change& change) {
  Options options;
  change(options);
  return options;
}

BuildContext context_for(std::vector<int64_t> grid, int64_t channels, int64_t dim) {
  BuildContext context;
  context.shape.grid = std::move(grid);
  context.shape.channels = channels;
  context.dim = dim;
  return context;
}

torch::Tensor run(Layer& layer, const torch::Tensor& x) {
  return layer.forward_in_context(x, Context{});
}

TEST(Patch, KeepsTheGrid) {
  Patch patch(set<PatchOptions>([](auto& o) { o.size = 4; }), context_for({8, 12}, 3, 6));
  EXPECT_EQ(patch.out_shape().text(), "[2, 3, 6]");
  EXPECT_EQ(run(patch, torch::randn({2, 8, 12, 3})).sizes(), torch::IntArrayRef({2, 2, 3, 6}));
}

TEST(Patch, ClassTokenStandsInFrontAndHasAPosition) {
  Patch patch(set<PatchOptions>([](auto& o) {
                o.size = 4;
                o.class_token = true;
                o.position = true;
              }),
              context_for({8, 12}, 3, 6));
  EXPECT_EQ(patch.out_shape().grid, std::vector<int64_t>({7}));
  EXPECT_EQ(patch.out_shape().prefix_tokens, 1);
  EXPECT_EQ(patch.out_shape().origin_grid, std::vector<int64_t>({2, 3}));
  {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : patch.parameters()) parameter.normal_();
  }
  const auto parameters = patch.named_parameters();
  const torch::Tensor y = run(patch, torch::randn({2, 8, 12, 3}));
  const torch::Tensor first = parameters["cls_token"][0][0] + parameters["pos_embed"][0][0];
  EXPECT_TRUE(y.select(1, 0)[1].equal(first));
}

TEST(Patch, TheDistillationTokenStandsBehindTheClassToken) {
  PatchOptions options;
  options.size = 4;
  options.distillation_token = true;
  EXPECT_THAT(test::error_text([&] { Patch(options, context_for({8, 12}, 3, 6)); }),
              HasSubstr("set class_token = true"));
  options.class_token = true;
  options.position = true;
  Patch patch(options, context_for({8, 12}, 3, 6));
  EXPECT_EQ(patch.out_shape().grid, std::vector<int64_t>({8}));
  EXPECT_EQ(patch.out_shape().prefix_tokens, 2);
  {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor& parameter : patch.parameters()) parameter.normal_();
  }
  const auto parameters = patch.named_parameters();
  const torch::Tensor y = run(patch, torch::randn({2, 8, 12, 3}));
  EXPECT_EQ(y.sizes(), torch::IntArrayRef({2, 8, 6}));
  for (const auto& [place, name] : {std::pair(0, "cls_token"), std::pair(1, "dist_token")}) {
    const torch::Tensor token = parameters[name][0][0] + parameters["pos_embed"][0][place];
    EXPECT_TRUE(y.select(1, place)[1].equal(token)) << name;
  }
}

TEST(Patch, SizesCutEachDimensionItsOwnWay) {
  Patch patch(set<PatchOptions>([](auto& o) { o.sizes = {1, 4}; }), context_for({7, 12}, 1, 6));
  EXPECT_EQ(patch.out_shape().text(), "[7, 3, 6]");
}

TEST(Patch, NamesASizeThatDividesTheGrid) {
  EXPECT_THAT(test::error_text([] {
                Patch(set<PatchOptions>([](auto& o) { o.size = 8; }), context_for({35, 35}, 3, 6));
              }),
              HasSubstr("size = 7 does"));
}

TEST(Patch, RefusesAGridThatItsPositionsWereNotMadeFor) {
  Patch patch(set<PatchOptions>([](auto& o) {
                o.size = 4;
                o.position = true;
              }),
              context_for({8, 12}, 3, 6));
  EXPECT_THAT(test::error_text([&] { run(patch, torch::randn({1, 12, 8, 3})); }),
              HasSubstr("makes [3, 2] patches, positions were made for [2, 3]"));
}

TEST(Patch, RefusesAPictureItWouldCutOff) {
  Patch patch(set<PatchOptions>([](auto& o) { o.size = 4; }), context_for({8, 8}, 3, 6));
  EXPECT_THAT(test::error_text([&] { run(patch, torch::randn({1, 8, 9, 3})); }),
              HasSubstr("do not divide the input's grid [8, 9]"));
}

TEST(Conv, OwnDimOverridesTheStages) {
  Conv conv(set<ConvOptions>([](auto& o) { o.dim = 5; }), context_for({9, 8}, 3, 6));
  EXPECT_EQ(conv.out_shape().text(), "[5, 4, 5]");
  EXPECT_EQ(run(conv, torch::randn({2, 9, 8, 3})).sizes(), torch::IntArrayRef({2, 5, 4, 5}));
}

TEST(Conv, RefusesPrefixTokens) {
  BuildContext context = context_for({7}, 6, 6);
  context.shape.prefix_tokens = 1;
  EXPECT_THAT(test::error_text([&] { Conv(ConvOptions(), context); }), HasSubstr("prefix tokens"));
}

TEST(PatchMerging, PadsOddGridsAndPutsRowsFirst) {
  torch::manual_seed(4);
  PatchMerging merging(set<PatchMergingOptions>([](auto& o) { o.norm = {}; }),
                       context_for({5, 6}, 3, 12));
  const torch::Tensor x = torch::randn({2, 5, 6, 3});
  const torch::Tensor padded = torch::constant_pad_nd(x, {0, 0, 0, 0, 0, 1});
  const auto part = [&](int64_t row, int64_t column) {
    return padded.index({Slice(), Slice(row, None, 2), Slice(column, None, 2)});
  };
  const torch::Tensor merged = torch::cat({part(0, 0), part(1, 0), part(0, 1), part(1, 1)}, -1);
  const torch::Tensor weight = merging.named_parameters()["reduction.weight"];
  EXPECT_TRUE(torch::allclose(run(merging, x), torch::linear(merged, weight), 1e-5, 1e-6));
  EXPECT_EQ(merging.out_shape().text(), "[3, 3, 12]");
}

}  // namespace
}  // namespace mixwright::embeddings
