// The counts of whole mixers against formulas, and counting without memory against counting for
// real.

#include "framework/model/summary.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/loader.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

struct BothSummaries {
  model::Summary without_values;
  model::Summary real;
};

BothSummaries summarize_twice(const config::LoadedConfig& loaded) {
  const auto factory = test::factory(loaded.root);
  Diagnostics diagnostics;
  const config::RunConfig config = config::read_config(loaded.root, *factory, diagnostics);
  diagnostics.throw_if_errors();
  const model::InputSignal input = model::input_signal(config, nullptr);
  return {model::summarize_without_values(config, input, *factory),
          model::summarize(*model::assemble(config, input, *factory))};
}

/// Multiply-accumulates of one part of a network with one stage of blocks on a grid of 8 x 8.
int64_t macs_of_mixer(const std::string& mixer, const std::string& path) {
  const std::string text =
      "[model]\ninput = { shape = [8, 8, 12] }\n[[model.stage]]\ndepth = 2\nblock = \"serial\"\n"
      "token_mixer = " +
      mixer + "\n";
  const model::Summary summary = summarize_twice(config::load_text(text, "test")).without_values;
  for (const model::PartCount& part : summary.parts) {
    if (part.path == path) return part.macs;
  }
  ADD_FAILURE() << "no part " << path;
  return -1;
}

TEST(SummaryFormulas, TokenMlp) {
  // Both layers work on every channel: 64 tokens -> hidden -> 64 tokens.
  EXPECT_EQ(macs_of_mixer("{ type = \"mlp\", hidden = 10 }", "stages.0.blocks.0.token_mixer"),
            12 * (64 * 10 + 10 * 64));
}

TEST(SummaryFormulas, SelfAttention) {
  // query, key, value and output projection for each token; scores and sums for each pair
  EXPECT_EQ(
      macs_of_mixer("{ type = \"self_attention\", heads = 3 }", "stages.0.blocks.1.token_mixer"),
      64 * (12 * 3 * 12 + 12 * 12) + 2 * 64 * 64 * 12);
}

TEST(SummaryFormulas, WindowedAttentionSeesPairsWithinWindows) {
  const std::string mixer =
      "{ type = \"window_attention\", window = 4, heads = 3, shift = \"alternate\" }";
  for (const char* block : {"0", "1"}) {  // the second with shifted windows and their mask
    EXPECT_EQ(macs_of_mixer(mixer, std::string("stages.0.blocks.") + block + ".token_mixer"),
              64 * (12 * 3 * 12 + 12 * 12) + 2 * 4 * (16 * 16) * 12);
  }
}

/// Bytes that the first block of a stage on a grid of 8 x 8 with 12 channels keeps for backward.
int64_t bytes_kept(const std::string& lines) {
  const std::string text =
      "[model]\ninput = { shape = [8, 8, 12] }\n[[model.stage]]\nblock = \"serial\"\n" + lines;
  return summarize_twice(config::load_text(text, "test")).without_values.activation_bytes;
}

TEST(SummaryFormulas, BackwardOfAnMlpKeepsHiddenValuesOnBothSidesOfTheActivation) {
  // The first layer's input is the sample; the activation keeps what it takes, the second layer
  // what the activation gives; the sum is the answer.
  EXPECT_EQ(bytes_kept("channel_mixer = { type = \"mlp\", hidden = 20 }\n"),
            4 * 64 * (20 + 20 + 12));
}

TEST(SummaryFormulas, BackwardOfANormKeepsMomentsOfEveryToken) {
  // The norm's result, which the mixer's first layer keeps, and mean and deviation of each token.
  EXPECT_EQ(bytes_kept("norm = \"layer_norm\"\nchannel_mixer = { type = \"mlp\", hidden = 20 }\n"),
            4 * 64 * (20 + 20 + 12 + 12 + 2));
}

TEST(SummaryFormulas, RecomputedBlocksKeepTheirInputsAlone) {
  const std::string lines = "depth = 3\nchannel_mixer = { type = \"mlp\", hidden = 20 }\n";
  const int64_t once = bytes_kept("embedding = { type = \"patch\", size = 1 }\ndim = 12\n" + lines);
  const int64_t again = bytes_kept(
      "embedding = { type = \"patch\", size = 1 }\ndim = 12\nrecompute = true\n" + lines);
  EXPECT_EQ(once - again, 3 * 4 * 64 * (20 + 20));
}

TEST(SummaryWithoutValues, EqualsTheRealOneForEveryGoldenConfig) {
  size_t seen = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(
           test::source_dir() / "tests" / "golden" / "configs")) {
    if (file.path().extension() != ".toml") continue;
    SCOPED_TRACE(file.path());
    const auto [ours, real] = summarize_twice(config::load(file.path().string()));
    EXPECT_EQ(ours.parameters, real.parameters);
    EXPECT_EQ(ours.trained_parameters, real.trained_parameters);
    EXPECT_EQ(ours.buffers, real.buffers);
    EXPECT_EQ(ours.parameter_bytes, real.parameter_bytes);
    EXPECT_EQ(ours.macs_by_operation, real.macs_by_operation);
    EXPECT_EQ(ours.uncounted, real.uncounted);
    ASSERT_EQ(ours.parts.size(), real.parts.size());
    for (size_t i = 0; i < ours.parts.size(); ++i) {
      EXPECT_EQ(ours.parts[i].macs, real.parts[i].macs) << ours.parts[i].path;
      EXPECT_EQ(ours.parts[i].out_shape, real.parts[i].out_shape) << ours.parts[i].path;
      EXPECT_EQ(ours.parts[i].kept_bytes, real.parts[i].kept_bytes) << ours.parts[i].path;
    }
    EXPECT_EQ(ours.activation_bytes, real.activation_bytes);
    ++seen;
  }
  EXPECT_GE(seen, 32u);
}

/// A component that needs no options, as one line of a stage of blocks; empty for other kinds.
std::string line_with(const std::string& kind, const std::string& name) {
  if (kind == "token_mixer" || kind == "channel_mixer") return kind + " = \"" + name + "\"";
  if (kind == "normalization") return "channel_mixer = \"mlp\"\nnorm = \"" + name + "\"";
  if (kind == "activation") {
    return "channel_mixer = { type = \"mlp\", activation = \"" + name + "\" }";
  }
  return "";
}

// Otherwise counting falls back to a real network, which takes seconds where this takes none.
TEST(SummaryWithoutValues, WorksWithEveryComponentThatNeedsNoOptions) {
  size_t seen = 0;
  for (const plugin::Offer& offer : test::registry()->components()) {
    const std::string line = line_with(offer.fact->kind, offer.fact->name);
    if (line.empty()) continue;
    SCOPED_TRACE(line);
    const config::LoadedConfig loaded = config::load_text(
        "[model]\ninput = { shape = [8, 8, 32] }\n[[model.stage]]\nblock = \"serial\"\n" + line +
            "\n",
        "test");
    const auto factory = test::factory(loaded.root);
    Diagnostics diagnostics;
    const config::RunConfig config = config::read_config(loaded.root, *factory, diagnostics);
    if (!diagnostics.ok()) continue;  // it wants options
    EXPECT_NO_THROW(
        model::summarize_without_values(config, model::input_signal(config, nullptr), *factory));
    ++seen;
  }
  EXPECT_GE(seen, 30u);
}

TEST(SummaryWithoutValues, FallsBackToARealNetwork) {
  // Norms of several groups take variances in a way that has no shapes without values.
  const config::LoadedConfig loaded = config::load_text(
      "[model]\ninput = { shape = [8, 8, 32] }\n[[model.stage]]\nblock = \"serial\"\n"
      "norm = { type = \"group_norm\", groups = 2 }\nchannel_mixer = \"mlp\"\n",
      "test");
  const auto factory = test::factory(loaded.root);
  Diagnostics diagnostics;
  const config::RunConfig config = config::read_config(loaded.root, *factory, diagnostics);
  const model::InputSignal input = model::input_signal(config, nullptr);
  EXPECT_ANY_THROW(model::summarize_without_values(config, input, *factory));
  EXPECT_EQ(model::summarize(config, input, *factory).macs, 64 * 2 * 32 * 128);
}

}  // namespace
}  // namespace mixwright
