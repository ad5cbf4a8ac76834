// Every config of configs/zoo, built without memory, has exactly the parameters and
// multiply-accumulates of the published model of its name (published.json beside this file).

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "framework/config/loader.h"
#include "framework/model/meta_device.h"
#include "framework/model/summary.h"
#include "framework/model/weights.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const json& published() {
  static const json counts =
      json::parse(std::ifstream(test::source_dir() / "tests" / "zoo" / "published.json"));
  return counts;
}

fs::path zoo_folder() {
  return test::source_dir() / "configs" / "zoo";
}

/// Networks of one system, or of all. A `base.toml` is what networks share.
std::vector<fs::path> zoo_configs(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.path().extension() == ".toml" && file.path().filename() != "base.toml") {
      files.push_back(file.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Elements of batch statistics; published counts leave the integer counters of batches out.
int64_t statistics_of(const model::Network& network) {
  int64_t sum = 0;
  for (const torch::Tensor& buffer : network.buffers()) {
    if (buffer.is_floating_point()) sum += buffer.numel();
  }
  return sum;
}

struct ZooCounts {
  std::vector<int64_t> input;
  model::Summary summary;
  int64_t statistics = 0;
};

struct BuiltNetwork {
  std::vector<int64_t> input;
  std::shared_ptr<model::Network> network;
};

BuiltNetwork build(const fs::path& file, const std::vector<std::string>& sets) {
  const config::LoadedConfig loaded = config::load(file.string(), sets);
  const auto factory = test::factory(loaded.root);
  Diagnostics diagnostics;
  const config::RunConfig config = config::read_config(loaded.root, *factory, diagnostics);
  diagnostics.throw_if_errors();
  EXPECT_TRUE(diagnostics.warnings().empty()) << diagnostics.warnings().front().text();
  EXPECT_EQ(config.name, file.stem());
  return {config.model.input->shape,
          model::assemble(config, model::input_signal(config, nullptr), *factory)};
}

ZooCounts count(const fs::path& file, const std::vector<std::string>& sets) {
  const model::MetaDevice meta;
  const BuiltNetwork zoo = build(file, sets);
  return {zoo.input, model::summarize(*zoo.network), statistics_of(*zoo.network)};
}

std::vector<std::string> systems() {
  std::vector<std::string> names;
  for (const auto& entry : published()["systems"].items()) names.push_back(entry.key());
  return names;
}

class Zoo : public testing::TestWithParam<std::string> {};

TEST_P(Zoo, HasThePublishedCounts) {
  double worst = 0;
  for (const fs::path& file : zoo_configs(zoo_folder() / GetParam())) {
    const std::string name = file.stem();
    SCOPED_TRACE(name);
    if (published()["unpublished"].contains(name)) continue;
    ASSERT_TRUE(published()["models"].contains(name)) << "no published count of this config";
    const json& model = published()["models"][name];
    std::vector<std::string> sets;  // the first input is the config's own
    for (const json& size : model["macs"]) {
      if (&size != &model["macs"][0]) sets = {"model.input.shape=" + size["input"].dump()};
      const ZooCounts counts = count(file, sets);
      const int64_t macs = size["macs"];
      EXPECT_EQ(json(counts.input), size["input"]);
      EXPECT_EQ(counts.summary.parameters, model["params"].get<int64_t>());
      EXPECT_EQ(counts.statistics, model["buffers"].get<int64_t>());
      EXPECT_EQ(counts.summary.macs, macs);
      EXPECT_THAT(counts.summary.uncounted, testing::IsEmpty());
      const double deviation =
          std::abs(static_cast<double>(counts.summary.macs - macs)) / static_cast<double>(macs);
      worst = std::max(worst, deviation);
    }
  }
  std::cout << "  worst deviation of multiply-accumulates " << 100 * worst << " %\n";
}

/// The weight map that a config names leads from each of its tensors to another name and back.
TEST_P(Zoo, EveryNetworkGoesOutByItsWeightMapAndComesInAgain) {
  for (const fs::path& file : zoo_configs(zoo_folder() / GetParam())) {
    SCOPED_TRACE(file);
    const std::string path = config::weight_map_path(config::load(file.string(), {}).root);
    ASSERT_FALSE(path.empty());
    const model::WeightMap map = model::WeightMap::load(path);
    const model::WeightMap back = map.inverted();
    const model::MetaDevice meta;
    const BuiltNetwork zoo = build(file, {});
    const model::NamedTensors ours = model::state_by_name(*zoo.network);
    const model::NamedTensors theirs = back.apply(ours);
    EXPECT_GE(theirs.size(), ours.size());  // a joined tensor comes apart
    const model::WeightPlan again = map.plan(theirs, ours);
    EXPECT_THAT(again.faults, testing::IsEmpty());
    std::set<std::string> filled;
    for (const model::WeightMove& move : again.moves) {
      filled.insert(move.to.begin(), move.to.end());
    }
    EXPECT_EQ(filled.size(), ours.size());
  }
}

TEST_P(Zoo, EveryConfigBeginsWithItsSource) {
  for (const fs::path& file : zoo_configs(zoo_folder() / GetParam())) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    EXPECT_THAT(line, testing::ContainsRegex("^# .*arXiv:[0-9]+\\.[0-9]+")) << file;
  }
}

INSTANTIATE_TEST_SUITE_P(AllSystems,
                         Zoo,
                         testing::ValuesIn(systems()),
                         [](const testing::TestParamInfo<std::string>& info) {
                           return info.param;
                         });

/// Merging reads values, so that these are built for real.
TEST(ZooInference, HasThePublishedMultiplyAccumulates) {
  for (const auto& entry : published()["inference"].items()) {
    const std::string& name = entry.key();
    const json& form = entry.value();
    SCOPED_TRACE(name);
    std::vector<fs::path> files = zoo_configs(zoo_folder());
    const auto file = std::find_if(
        files.begin(), files.end(), [&](const auto& one) { return one.stem() == name; });
    ASSERT_NE(file, files.end());
    const BuiltNetwork zoo = build(*file, {});
    EXPECT_EQ(json(zoo.input), form["input"]);
    zoo.network->eval();
    EXPECT_GT(zoo.network->use_inference_forms(), 0);
    EXPECT_EQ(model::summarize(*zoo.network).macs, form["macs"].get<int64_t>());
  }
}

TEST(ZooFiles, EveryPublishedModelHasAConfig) {
  std::set<std::string> configs;
  for (const fs::path& file : zoo_configs(zoo_folder())) configs.insert(file.stem());
  for (const auto& entry : published()["models"].items()) {
    EXPECT_EQ(configs.count(entry.key()), 1u) << entry.key() << " has no config in configs/zoo";
  }
}

TEST(ZooFiles, EveryConfigBelongsToASystem) {
  for (const fs::path& file : zoo_configs(zoo_folder())) {
    const std::string system = fs::relative(file, zoo_folder()).begin()->string();
    ASSERT_TRUE(published()["systems"].contains(system)) << file << ": no test looks at it";
    EXPECT_THAT(file.stem().string(),
                testing::StartsWith(published()["systems"][system].get<std::string>()));
  }
}

// Other classes change the classifier alone; other pictures the patches and the token mixers inside
// the gates: 49 tokens of 16 values instead of 64 of 48.
TEST(ZooFiles, NiNformersOfOtherDataDifferByTheirInputs) {
  const auto parameters = [](const std::string& name) {
    return count(zoo_folder() / "ninformer" / (name + ".toml"), {}).summary.parameters;
  };
  const int64_t cifar10 = parameters("ninformer_cifar10");
  EXPECT_EQ(parameters("ninformer_cifar100") - cifar10, 90 * (256 + 1));
  EXPECT_EQ(cifar10 - parameters("ninformer_mnist"),
            (48 - 16) * 256 + 4 * (64 - 49) * (512 + 512 + 1));
}

/// The counts that published.json was taken from, where they lie beside the source tree.
TEST(ZooFiles, CommittedCountsAreTheSharedOnes) {
  const fs::path file = test::shared_dir() / "golden" / "published_vision.json";
  if (!fs::exists(file)) {
    GTEST_SKIP() << "no " << file.filename()
                 << " here: that the committed counts are the published ones is not proven on "
                    "this machine";
  }
  const json shared = json::parse(std::ifstream(file));
  size_t compared = 0;
  size_t forms = 0;
  for (const auto& [name, theirs] : shared["models"].items()) {
    const bool known = std::any_of(
        published()["systems"].begin(), published()["systems"].end(), [&](const json& prefix) {
          return name.starts_with(prefix.get<std::string>());
        });
    if (!known) continue;
    if (published()["left_out"].contains(name)) {
      for (const json& ours : published()["inference"]) {
        if (ours["name"] != name) continue;
        EXPECT_EQ(ours["macs"], theirs["inputs"][0]["macs"]) << name;
        ++forms;
      }
      continue;
    }
    EXPECT_FALSE(published()["counted_here"].contains(name)) << name;
    ASSERT_TRUE(published()["models"].contains(name)) << name << " is published, but not here";
    const json& ours = published()["models"][name];
    EXPECT_EQ(ours["params"], theirs["params"]) << name;
    EXPECT_EQ(ours["buffers"], theirs["buffer_elements"]) << name;
    ASSERT_EQ(ours["macs"].size(), theirs["inputs"].size()) << name;
    for (size_t i = 0; i < ours["macs"].size(); ++i) {
      const json& shape = theirs["inputs"][i]["shape"];  // [1, C, H, W]
      EXPECT_EQ(ours["macs"][i]["input"], json::array({shape[2], shape[3], shape[1]})) << name;
      EXPECT_EQ(ours["macs"][i]["macs"], theirs["inputs"][i]["macs"]) << name;
    }
    ++compared;
  }
  EXPECT_EQ(compared + published()["counted_here"].size(), published()["models"].size());
  EXPECT_EQ(forms, published()["inference"].size());
}

}  // namespace
}  // namespace mixwright
