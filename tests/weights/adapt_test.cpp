// --adapt: another input size and other classes. That the numbers are timm's is tests/parity's
// business.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/weights/weights_scene.h"

namespace mixwright::weights {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

constexpr const char* kPositions = "stages.0.embedding.pos_embed";

class Adapt : public testing::Test {
 protected:
  test::ProgramResult import(const std::string& network, const std::vector<std::string>& more) {
    theirs_ = random_checkpoint(network);
    scene_.write("in.safetensors", theirs_);
    return scene_.import(network, more);
  }

  WeightsScene scene_;
  Tensors theirs_;
};

TEST_F(Adapt, NothingChangesUnasked) {
  const auto result = import("vit_tiny_patch16_224", {"--set", "model.input.classes=10"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(ContainsRegex("misshapen +head.bias +\\[10\\] +\\[1000\\]"),
                    ContainsRegex("misshapen +head.weight +\\[10, 192\\] +\\[1000, 192\\]"),
                    HasSubstr("--adapt")));
  EXPECT_FALSE(scene_.exists("out.safetensors"));
}

TEST_F(Adapt, LastLayersBeginAnewAndTheRestIsTheFiles) {
  const auto result =
      import("vit_tiny_patch16_224", {"--adapt", "--set", "model.input.classes=10"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(
      result.err,
      AllOf(HasSubstr("head.fc.weight [1000, 192] -> [10, 192]: begins anew, for 10 classes "
                      "in place of 1000"),
            HasSubstr("head.fc.bias [1000] -> [10]: begins anew")));
  Tensors ours = scene_.read("out.safetensors");
  EXPECT_TRUE(ours.at(kPositions).equal(theirs_.at("pos_embed")));
  EXPECT_TRUE(ours.at("head.norm.weight").equal(theirs_.at("norm.weight")));
  const torch::Tensor head = ours.at("head.fc.weight");
  EXPECT_EQ(head.sizes().vec(), std::vector<int64_t>({10, 192}));
  EXPECT_LT(head.std().item<double>(), 0.03);  // the scheme's 0.02, not the file's 1
  EXPECT_GT(head.std().item<double>(), 0.01);
}

TEST_F(Adapt, PositionsKeepTheirPrefixTokenAndConstantOnesStay) {
  theirs_ = random_checkpoint("vit_tiny_patch16_224");
  torch::Tensor positions = theirs_.at("pos_embed");
  positions.slice(1, 1).fill_(0.5);
  scene_.write("in.safetensors", theirs_);
  const auto result = scene_.import("vit_tiny_patch16_224",
                                    {"--adapt", "--set", "model.input.shape=[256, 320, 3]"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              HasSubstr("[1, 197, 192] -> [1, 321, 192]: positions of [14, 14] places resized to "
                        "[16, 20]"));
  const torch::Tensor ours = scene_.read("out.safetensors").at(kPositions);
  EXPECT_TRUE(ours.slice(1, 0, 1).equal(positions.slice(1, 0, 1)));
  EXPECT_TRUE(torch::allclose(ours.slice(1, 1), torch::full({1, 320, 192}, 0.5), 1e-5, 1e-5));
}

TEST_F(Adapt, TokenMixersOfAFixedCountAreRefusedWithTheReason) {
  const auto result =
      import("mixer_s16_224", {"--adapt", "--set", "model.input.shape=[256, 256, 3]"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(
      result.err,
      AllOf(ContainsRegex("misshapen +blocks.0.mlp_tokens.fc1.weight +\\[256, 256\\] +\\[256, "
                          "196\\] +mlp, libmlp.so: its weights belong to one token each"),
            HasSubstr("nothing was written")));
  EXPECT_FALSE(scene_.exists("out.safetensors"));
}

TEST_F(Adapt, AnotherWidthIsNoAdaptation) {
  const auto result =
      import("vit_tiny_patch16_224", {"--adapt", "--set", "model.stage[0].dim=128"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              ContainsRegex("misshapen +head.weight +\\[1000, 128\\] +\\[1000, 192\\]"));
}

}  // namespace
}  // namespace mixwright::weights
