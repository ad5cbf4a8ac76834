// What drawings show of networks whose wiring is known, and that they are XML whatever comes in.

#include "framework/draw/drawing.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/config/loader.h"
#include "framework/draw/svg.h"
#include "framework/io/atomic_file.h"
#include "framework/io/scratch_folder.h"
#include "tests/support/paths.h"
#include "tests/support/python.h"

namespace mixwright {
namespace {

using draw::Graph;
using draw::Kind;
using draw::Node;
using draw::Outline;
using testing::HasSubstr;
using testing::Not;

Outline outline_of(const config::LoadedConfig& loaded) {
  const auto factory = test::factory(loaded.root);
  Diagnostics diagnostics;
  const config::RunConfig config = config::read_config(loaded.root, *factory, diagnostics);
  diagnostics.throw_if_errors();
  return draw::outline(config, model::input_signal(config, nullptr), *factory, config.name);
}

Outline outline_of_zoo(const std::string& name) {
  return outline_of(
      config::load((test::source_dir() / "configs" / "zoo" / (name + ".toml")).string()));
}

Outline outline_of_stage(const std::string& lines, const std::string& shape = "[8, 8, 12]") {
  return outline_of(config::load_text(
      "name = \"test\"\n[model]\ninput = { shape = " + shape + " }\n[[model.stage]]\n" + lines,
      "test"));
}

Graph first_block(const Outline& outline, size_t stage) {
  return *outline.stages.at(stage).groups.at(0).blocks.at(0).inside;
}

std::vector<std::string> titles(const Graph& graph) {
  std::vector<std::string> result;
  for (const Node& node : graph.nodes) result.push_back(node.title);
  return result;
}

std::vector<Graph::Edge> edges_into(const Graph& graph, size_t node) {
  std::vector<Graph::Edge> result;
  std::copy_if(graph.edges.begin(), graph.edges.end(), std::back_inserter(result), [&](auto edge) {
    return edge.to == node;
  });
  return result;
}

size_t place_of(const Graph& graph, Kind kind) {
  const auto found = std::find_if(
      graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) { return node.kind == kind; });
  return static_cast<size_t>(found - graph.nodes.begin());
}

TEST(Outline, BranchesInSeriesAreTwoSums) {
  const Graph graph = first_block(
      outline_of_stage("block = \"serial\"\nnorm = \"layer_norm\"\ntoken_mixer = \"pooling\"\n"
                       "channel_mixer = \"mlp\"\n"),
      0);
  EXPECT_THAT(
      titles(graph),
      testing::ElementsAre("in", "layer_norm", "pooling", "+", "layer_norm", "mlp", "+", "out"));
  EXPECT_EQ(edges_into(graph, 3).size(), 2u);
  EXPECT_EQ(edges_into(graph, 3).at(0).from, 0u);  // the residual
  EXPECT_EQ(edges_into(graph, 6).at(0).from, 3u);
}

TEST(Outline, BranchesSideBySideAreOneSumAndRepeatsAreCounted) {
  const Outline outline = outline_of_zoo("paramixer/paramixer_s16_224_ni3");
  const Graph graph = first_block(outline, 0);
  EXPECT_EQ(graph.repeat, 3);
  EXPECT_THAT(titles(graph), testing::ElementsAre("in", "layer_norm", "mlp", "mlp", "+", "out"));
  EXPECT_EQ(edges_into(graph, 4).size(), 3u);
  EXPECT_EQ(edges_into(graph, 3).at(0).from, 1u);  // both mixers see the norm
  EXPECT_EQ(outline.stages.at(0).groups.at(0).count, 8);
}

TEST(Outline, LearnedScalesStandOnTheBranchThatTheyScale) {
  const Outline outline = outline_of_zoo("caformer/caformer_s18");
  const auto scaled = [](const Graph& graph) {
    std::vector<size_t> from;
    for (const Graph::Edge& edge : graph.edges) {
      if (edge.scaled) from.push_back(edge.from);
    }
    return from;
  };
  EXPECT_THAT(scaled(first_block(outline, 0)), testing::IsEmpty());
  EXPECT_THAT(scaled(first_block(outline, 2)), testing::ElementsAre(0u, 3u));
  EXPECT_NE(outline.stages.at(0).groups.at(0).blocks.at(0).signature(),
            outline.stages.at(2).groups.at(0).blocks.at(0).signature());
  EXPECT_EQ(outline.stages.at(2).groups.at(0).blocks.at(0).signature(),
            outline.stages.at(3).groups.at(0).blocks.at(0).signature());
}

TEST(Outline, AGateIsAProductOfItsBlockAndAMatrix) {
  const Graph block = first_block(outline_of_zoo("ninformer/ninformer_cifar10"), 0);
  const Node& gated = block.nodes.at(place_of(block, Kind::kTokenMixer));
  ASSERT_NE(gated.inside, nullptr);
  const Graph& gate = *gated.inside;
  const size_t product = place_of(gate, Kind::kProduct);
  ASSERT_LT(product, gate.nodes.size());
  ASSERT_EQ(edges_into(gate, product).size(), 2u);
  EXPECT_LT(place_of(gate, Kind::kBlock), gate.nodes.size());
  EXPECT_LT(place_of(gate, Kind::kOperation), gate.nodes.size());
}

TEST(Outline, AMixerThatDoesNothingStandsOnItsBranch) {
  const Graph graph = first_block(
      outline_of_stage("block = \"serial\"\nnorm = \"layer_norm\"\ntoken_mixer = \"identity\"\n"
                       "channel_mixer = \"mlp\"\n"),
      0);
  EXPECT_EQ(titles(graph).at(2), "identity");
  EXPECT_EQ(edges_into(graph, 2).at(0).from, 1u);
  EXPECT_EQ(edges_into(graph, 3).size(), 2u);
}

TEST(Outline, BlocksThatTakeTurnsAreOneGroup) {
  const Outline outline = outline_of_stage(
      "depth = 6\nblock = \"serial\"\ntoken_mixer = [\"pooling\", \"identity\"]\n"
      "channel_mixer = \"mlp\"\n");
  ASSERT_EQ(outline.stages.at(0).groups.size(), 1u);
  EXPECT_EQ(outline.stages.at(0).groups.at(0).blocks.size(), 2u);
  EXPECT_EQ(outline.stages.at(0).groups.at(0).count, 3);
}

TEST(Outline, CountsAreThoseOfTheSummary) {
  const Outline outline = outline_of_zoo("swin/swin_tiny_patch4_window7_224");
  int64_t parameters = outline.head->parameters;
  int64_t macs = outline.head->macs;
  for (const draw::StageOutline& stage : outline.stages) {
    parameters += stage.parameters;
    macs += stage.macs;
  }
  EXPECT_EQ(parameters, outline.parameters);
  EXPECT_EQ(macs, outline.macs);
  EXPECT_EQ(outline.stages.at(1).shape, "28 \u00d7 28 \u00d7 192");
}

TEST(Drawing, SequencesAreDrawn) {
  const std::string picture = draw::drawing(outline_of_stage(
      "block = \"serial\"\nnorm = \"rms_norm\"\ntoken_mixer = { type = \"self_attention\", "
      "heads = 2 }\n",
      "[50, 16]"));
  EXPECT_THAT(picture, HasSubstr("input 50 \u00d7 16<"));
  EXPECT_THAT(picture, HasSubstr(">self_attention<"));
}

TEST(Drawing, TextOfAConfigIsNoMarkup) {
  Outline outline = outline_of_stage("block = \"serial\"\nchannel_mixer = \"mlp\"\n");
  outline.name = "<script>x</script> & \"quoted\" 'too'";
  const std::string picture = draw::drawing(outline);
  EXPECT_THAT(picture, Not(HasSubstr("<script")));
  EXPECT_THAT(picture, HasSubstr("&lt;script&gt;x&lt;/script&gt; &amp; &quot;quoted&quot;"));
}

TEST(Drawing, WhatXmlCannotHoldIsReplaced) {
  EXPECT_EQ(draw::xml_text(std::string("a\0b\x1b\n", 5)), "a?b??");
  EXPECT_EQ(draw::xml_text("\u00d7\xEF\xBF\xBF\u00e9"), "\u00d7?\u00e9");
  EXPECT_EQ(draw::xml_text("ok\xC3("), "ok??");
}

TEST(Drawing, IsWellFormedXmlForEverySystem) {
  const test::Python python = test::python_with({"xml.dom.minidom"});
  if (!python.usable) GTEST_SKIP() << "no Python here: nothing proves that drawings are XML";
  const io::ScratchFolder folder("mixwright-drawings-");
  size_t drawn = 0;
  for (const auto& system :
       std::filesystem::directory_iterator(test::source_dir() / "configs" / "zoo")) {
    for (const auto& file : std::filesystem::directory_iterator(system.path())) {
      if (file.path().filename() == "base.toml") continue;
      Outline outline = outline_of(config::load(file.path().string()));
      outline.name += " <&\x01\xff";
      io::write_text_file_atomically(folder.path() / (file.path().stem().string() + ".svg"),
                                     draw::drawing(outline));
      ++drawn;
      break;
    }
  }
  EXPECT_GE(drawn, 20u);
  const std::string read =
      "'" + python.program.string() +
      "' -c 'import glob, sys; from xml.dom import minidom\n"
      "files = glob.glob(sys.argv[1] + \"/*.svg\")\n"
      "assert files and all(minidom.parse(f).documentElement.tagName == \"svg\" for f in files)' ";
  EXPECT_EQ(std::system((read + folder.path().string()).c_str()), 0);
}

}  // namespace
}  // namespace mixwright
