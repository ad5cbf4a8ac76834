#include "framework/bench/peer_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/model/weight_map.h"
#include "tests/support/error_text.h"
#include "tests/support/folder.h"

namespace mixwright::bench {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(PeerNetworkFile, MissingFilesAreRefusedWithTheirPlace) {
  const test::TestFolder folder("mixwright-bench");
  const std::string file = test::write_file(
      folder / "mine.toml", "networks = [\"a\"]\nmodule = \"mine.py\"\nweight_map = \"m.toml\"\n");
  EXPECT_THAT(
      test::error_text([&] { read_peer_network(file); }),
      AllOf(HasSubstr("mine.toml:2:10"), HasSubstr("mine.toml:3:14"), HasSubstr("mine.py")));
  test::write_file(folder / "mine.py", "");
  test::write_file(folder / "m.toml", "");
  const PeerNetwork network = read_peer_network(file);
  EXPECT_EQ(network.module, (folder / "mine.py").string());
  EXPECT_EQ(network.weight_map, (folder / "m.toml").string());
}

TEST(PeerNetworkFile, IsFoundByTheNetworksName) {
  const test::TestFolder folder("mixwright-bench");
  test::write_file(folder / "a.toml", "networks = [\"x\"]\nmodule = \"timm\"\n");
  test::write_file(folder / "b.toml",
                   "networks = [\"y\", \"z\"]\nmodule = \"timm\"\nset = [\"seed=2\"]\n");
  ASSERT_TRUE(find_peer_network(folder.path(), "z"));
  EXPECT_EQ(find_peer_network(folder.path(), "z")->sets, std::vector<std::string>{"seed=2"});
  EXPECT_FALSE(find_peer_network(folder.path(), "w"));
}

/// Those that come along: what they name is there and can be read.
TEST(PeerNetworkFile, OursAreWhole) {
  const std::filesystem::path root = MIXWRIGHT_SOURCE_DIR;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root / "benchmarks" / "peers")) {
    if (entry.path().extension() != ".toml") continue;
    ++count;
    const PeerNetwork network = read_peer_network(entry.path(), root / "configs" / "weight_maps");
    EXPECT_FALSE(network.networks.empty());
    if (!network.weight_map.empty()) model::WeightMap::load(network.weight_map);
  }
  EXPECT_GE(count, 2);
}

}  // namespace
}  // namespace mixwright::bench
