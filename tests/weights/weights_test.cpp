// Files with the names and shapes of real checkpoints come in whole and go out as they came; what
// does not fit is listed, and nothing is written.

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/paths.h"
#include "tests/support/refusal.h"
#include "tests/weights/weights_scene.h"

namespace mixwright::weights {
namespace {

using test::expect_refusal;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSmall = "vit_tiny_patch16_224";

void expect_equal(const Tensors& a, const Tensors& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a) {
    ASSERT_TRUE(b.contains(name)) << name;
    EXPECT_TRUE(tensor.equal(b.at(name))) << name;
  }
}

class KeyList : public testing::TestWithParam<std::string> {
 protected:
  WeightsScene scene_;
};

TEST_P(KeyList, ComesInWholeAndGoesOutAsItCame) {
  const Tensors theirs = random_checkpoint(GetParam());
  scene_.write("in.safetensors", theirs);
  const auto imported = scene_.import(GetParam());
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  EXPECT_THAT(imported.err, Not(HasSubstr("stay as they begin")));
  int64_t elements = 0;
  for (const auto& [name, tensor] : theirs) elements += tensor.numel();
  for (const auto& [name, tensor] : scene_.read("out.safetensors")) elements -= tensor.numel();
  EXPECT_EQ(elements, 0);
  const auto exported = scene_.run(
      {"export", "--config", zoo_config(GetParam()), "out.safetensors", "back.safetensors"});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  expect_equal(scene_.read("back.safetensors"), theirs);
}

TEST_P(KeyList, AllThatDoesNotFitIsListedAndNothingWritten) {
  Tensors theirs = random_checkpoint(GetParam());
  // From the end of the alphabet, where every list has a block's or the head's tensors.
  std::string missing;
  std::string misshapen;
  for (const auto& [name, tensor] : theirs) {
    if (tensor.dim() < 1) continue;
    missing = misshapen;
    misshapen = name;
  }
  theirs.erase(missing);
  theirs[missing + "x"] = torch::zeros({3, 5});
  theirs[misshapen] = torch::zeros({7, 1, 1});
  scene_.write("in.safetensors", theirs);
  const auto result = scene_.import(GetParam());
  EXPECT_EQ(result.exit_code, 1);
  const auto row = [](const std::string& word, const std::string& name, const std::string& rest) {
    return ContainsRegex("  " + word + " +" + name + " +" + rest);
  };
  EXPECT_THAT(result.err,
              AllOf(row("missing", missing, "\\[.*\\] +- +nearest: " + missing + "x\n"),
                    row("unexpected", missing + "x", "- +\\[3, 5\\] "),
                    row("misshapen", misshapen, "\\[.*\\] +\\[7, 1, 1\\]"),
                    HasSubstr("1 missing, 1 unexpected, 1 misshapen; nothing was written")));
  EXPECT_FALSE(scene_.exists("out.safetensors"));
}

INSTANTIATE_TEST_SUITE_P(AllLists,
                         KeyList,
                         testing::ValuesIn(key_lists()),
                         [](const testing::TestParamInfo<std::string>& info) {
                           return info.param;
                         });

/// The lists that the committed ones were taken from, where they lie beside the source tree.
TEST(KeyLists, AreThoseOfTheRealCheckpoints) {
  const auto folder = test::shared_dir() / "golden" / "keys";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no folder golden/keys here: that the committed lists are those of real "
                    "checkpoints is not proven on this machine";
  }
  size_t lists = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const Tensors ours = random_checkpoint(file.path().stem());
    const auto keys = nlohmann::json::parse(std::ifstream(file.path()))["keys"];
    EXPECT_EQ(ours.size(), keys.size()) << file.path();
    for (const auto& key : keys) {
      const auto& tensor = ours.at(key["key"]);
      EXPECT_EQ(tensor.sizes().vec(), key["shape"].get<std::vector<int64_t>>()) << key["key"];
      EXPECT_EQ(tensor.is_floating_point(), key["dtype"] == "float32") << key["key"];
    }
    ++lists;
  }
  EXPECT_EQ(lists, key_lists().size());
}

/// A small checkpoint whose numbers every floating-point type holds exactly.
const Tensors& small_checkpoint() {
  static const Tensors checkpoint = [] {
    Tensors result = random_checkpoint(kSmall);
    for (auto& [name, tensor] : result) tensor = torch::round(tensor * 16) / 16;
    return result;
  }();
  return checkpoint;
}

class Import : public testing::Test {
 protected:
  void write(const Tensors& tensors) { scene_.write("in.safetensors", tensors); }
  /// What the small checkpoint becomes as it is.
  static const Tensors& as_it_is() {
    static const Tensors imported = [] {
      const WeightsScene scene;
      scene.write("in.safetensors", small_checkpoint());
      EXPECT_EQ(scene.import(kSmall).exit_code, 0);
      return scene.read("out.safetensors");
    }();
    return imported;
  }
  void expect_the_same(const test::ProgramResult& result) {
    ASSERT_EQ(result.exit_code, 0) << result.err;
    expect_equal(scene_.read("out.safetensors"), as_it_is());
  }
  /// One row of the table, and what the last line counts.
  void expect_refused(const std::string& row, const std::string& count) {
    write(theirs_);
    const auto result = scene_.import(kSmall);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(
        result.err,
        AllOf(ContainsRegex("  " + row), HasSubstr(": " + count + "; nothing was written")));
    EXPECT_FALSE(scene_.exists("out.safetensors"));
  }
  Tensors renamed(const std::string& prefix) const {
    Tensors result;
    for (const auto& [name, tensor] : theirs_) result[prefix + name] = tensor;
    return result;
  }

  WeightsScene scene_;
  Tensors theirs_ = small_checkpoint();
};

TEST_F(Import, OneMissingTensorIsRefused) {
  theirs_.erase("blocks.3.attn.qkv.weight");
  expect_refused("missing +blocks.3.attn.qkv.weight +\\[576, 192\\]", "1 missing");
}

TEST_F(Import, OneTensorTooManyIsRefused) {
  theirs_["blocks.12.norm1.bias"] = torch::zeros({192});
  expect_refused("unexpected +blocks.12.norm1.bias +- +\\[192\\]", "1 unexpected");
}

TEST_F(Import, OneMisshapenTensorIsRefused) {
  theirs_["blocks.0.mlp.fc1.bias"] = torch::zeros({192});
  expect_refused("misshapen +blocks.0.mlp.fc1.bias +\\[768\\] +\\[192\\]", "1 misshapen");
}

TEST_F(Import, IntegersWhereFractionsBelongAreRefused) {
  theirs_["norm.weight"] = torch::ones({192}, torch::kInt8);
  expect_refused("misshapen +norm.weight .*it holds integers", "1 misshapen");
}

TEST_F(Import, FaultsAreJsonForPrograms) {
  theirs_.erase("cls_token");
  write(theirs_);
  const auto result = scene_.import(kSmall, {"--json"});
  EXPECT_EQ(result.exit_code, 1);
  const auto fault = nlohmann::json::parse(result.out)["faults"].at(0);
  EXPECT_EQ(fault["fault"], "missing");
  EXPECT_EQ(fault["tensor"], "cls_token");
  EXPECT_EQ(fault["in_network"], "stages.0.embedding.cls_token");
  EXPECT_EQ(fault["expected"], "[1, 1, 192]");
}

TEST_F(Import, PrefixesOfWrappersAreLeftOffAndSaid) {
  for (const std::string prefix : {"module.", "state_dict.model."}) {
    write(renamed(prefix));
    const auto result = scene_.import(kSmall);
    EXPECT_THAT(result.err, HasSubstr("the prefix \"" + prefix + "\" is left off 152 names"));
    expect_the_same(result);
  }
}

TEST_F(Import, AnyPrefixCanBeChosen) {
  Tensors both = renamed("ema.");
  both["step"] = torch::zeros({1});
  write(both);
  EXPECT_EQ(scene_.import(kSmall).exit_code, 1);
  const auto result = scene_.import(kSmall, {"--prefix", "ema."});
  EXPECT_THAT(result.err, HasSubstr("1 tensors without this prefix are left out"));
  expect_the_same(result);
}

TEST_F(Import, OtherTypesAreConvertedAndSaid) {
  for (const auto& [type, name] : {std::pair{torch::kHalf, "Half"},
                                   std::pair{torch::kBFloat16, "BFloat16"},
                                   std::pair{torch::kFloat64, "Double"}}) {
    Tensors converted;
    for (const auto& [key, tensor] : theirs_) converted[key] = tensor.to(type);
    write(converted);
    const auto result = scene_.import(kSmall);
    EXPECT_THAT(result.err,
                HasSubstr("152 tensors were converted from " + std::string(name) + " to Float"));
    expect_the_same(result);
  }
}

TEST_F(Import, NumbersThatDoNotFitTheTypeAreRefused) {
  theirs_["head.bias"] = torch::full({1000}, 1e300, torch::kFloat64);
  write(theirs_);
  expect_refusal(scene_.import(kSmall, {"--quiet"}), 1, {"head.fc.bias", "too large for Float"});
  EXPECT_FALSE(scene_.exists("out.safetensors"));
}

TEST_F(Import, AConfigWithoutMapAsksForOne) {
  write(theirs_);
  std::ofstream(scene_.path("own.toml"))
      << "format = 1\n[model]\ninput = { shape = [8, 8, 3], classes = 2 }\n"
         "head = \"classifier\"\n[[model.stage]]\ndim = 4\ndepth = 0\n"
         "embedding = { type = \"patch\", size = 4 }\n";
  expect_refusal(
      scene_.run({"import", "--config", "own.toml", "in.safetensors", "out.safetensors"}),
      2,
      {"own.toml", "--map FILE", "weight_map"});
}

TEST_F(Import, AMapThatCannotBeUndoneIsRefusedWithItsLines) {
  write(theirs_);
  ASSERT_EQ(scene_.import(kSmall).exit_code, 0);
  std::ofstream(scene_.path("one_way.toml"))
      << "format = 1\n"
         "[[rule]]\nfrom = \"a.{i}\"\nto = \"b.{i}\"\n"
         "[[rule]]\nfrom = \"{x:*}.weight\"\nto = \"{x}.w\"\nreshape = \"target\"\n"
         "[[rule]]\nfrom = [\"{x:*}.q\", \"{x:*}.k\"]\nto = \"{x}.qk\"\nconcatenate = 0\n"
         "[[rule]]\nfrom = \"{x:*}.{i}.bias\"\nto = \"{x}.b\"\n";
  const auto result = scene_.run({"export",
                                  "--map",
                                  "one_way.toml",
                                  "--config",
                                  zoo_config(kSmall),
                                  "out.safetensors",
                                  "back.safetensors"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(
      result.error_lines(),
      testing::ElementsAre(AllOf(HasSubstr("one_way.toml:5"), HasSubstr("reshape")),
                           AllOf(HasSubstr("one_way.toml:9"), HasSubstr("concatenate_sizes")),
                           AllOf(HasSubstr("one_way.toml:13"), HasSubstr("{i}"))));
  EXPECT_FALSE(scene_.exists("back.safetensors"));
}

TEST_F(Import, WeightsOfAnotherNetworkAreNotExported) {
  write(theirs_);
  const auto result =
      scene_.run({"export", "--config", zoo_config(kSmall), "in.safetensors", "back.safetensors"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("missing"));
  EXPECT_FALSE(scene_.exists("back.safetensors"));
}

}  // namespace
}  // namespace mixwright::weights
