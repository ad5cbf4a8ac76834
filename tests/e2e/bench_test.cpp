// A bench with the program itself in the place of a peer: a wrapper makes its requests ours.

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class BenchTest : public testing::Test {
 protected:
  BenchTest() {
    test::write_file(scene_.path("same.toml"), "networks = [\"tiny\"]\nmodule = \"timm\"\n");
  }

  std::string script(const std::string& name, const std::string& text) const {
    const std::string file = test::write_file(scene_.path(name), "#!/bin/sh\n" + text + "\n");
    ::chmod(file.c_str(), 0755);
    return file;
  }
  /// The peer's network is our config; `more` changes requests further.
  std::string peer(const std::string& name, const std::string& more = "") const {
    return script(name,
                  "sed -u -e 's/\"module\":\"timm\"/\"config\":\"tiny.toml\"/' " + more + " | " +
                      program().string() + " bench-side");
  }
  std::vector<std::string> words(const std::string& peer,
                                 std::vector<std::string> more = {}) const {
    std::vector<std::string> all = {"bench",
                                    "tiny.toml",
                                    "--networks",
                                    "same.toml",
                                    "--batch",
                                    "2",
                                    "--rounds",
                                    "2",
                                    "--threads",
                                    "1",
                                    "--peer-program",
                                    peer};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  nlohmann::json report() const {
    return nlohmann::json::parse(std::ifstream(scene_.path("out/bench.json")));
  }

  TrainingScene scene_;
};

TEST_F(BenchTest, ThePeerWithTheSameWeightsIsMeasured) {
  const auto result =
      scene_.run(words(peer("peer.sh"), {"--against", "eager,compile", "--out", "out"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("1 threads"), HasSubstr("ours/theirs")));
  const auto sides = report().at("contests").at(0).at("sides");
  ASSERT_EQ(sides.size(), 3U);
  EXPECT_EQ(sides[2].at("name"), "compile");
  EXPECT_EQ(sides[2].at("difference"), 0);
  EXPECT_EQ(sides[2].at("seconds").size(), 2U);
  EXPECT_GT(sides[2].at("ours_to_theirs").at("median"), 0);
  EXPECT_TRUE(fs::exists(scene_.path("out/bench.svg")));
}

TEST_F(BenchTest, AWrongWeightIsFoundAndHasNoSpeed) {
  // It forgets the weights that both were given and answers with its own.
  const std::string wrong =
      peer("wrong.sh",
           "-e '/\"do\":\"prepare\"/s/,\"weights\":\"[^\"]*\"//' "
           "-e 's/\"config\":\"tiny.toml\"/\"config\":\"tiny.toml\",\"set\":[\"seed=7\"]/'");
  const std::string weights = script(
      "half.sh", "case $2 in eager) exec " + peer("right.sh") + ";; *) exec " + wrong + ";; esac");
  const auto result = scene_.run(words(weights, {"--against", "eager,compile", "--out", "out"}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.error_lines().back(), HasSubstr("answers differ"));
  const auto sides = report().at("contests").at(0).at("sides");
  EXPECT_TRUE(sides[1].contains("milliseconds"));
  EXPECT_TRUE(sides[2].at("wrong_answer"));
  EXPECT_FALSE(sides[2].contains("milliseconds"));
}

TEST_F(BenchTest, WithoutPeersOursIsMeasuredAlone) {
  for (const char* mode : {"inference", "training"}) {
    const auto result = scene_.run({"bench",
                                    "tiny.toml",
                                    "--against",
                                    "none",
                                    "--batch",
                                    "1,3",
                                    "--rounds",
                                    "1",
                                    "--threads",
                                    "1",
                                    "--mode",
                                    mode,
                                    "--json"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto contests = nlohmann::json::parse(result.out).at("contests");
    ASSERT_EQ(contests.size(), 2U);
    EXPECT_EQ(contests[1].at("batch"), 3);
    EXPECT_GT(contests[1].at("sides").at(0).at("memory_mb"), 0);
    EXPECT_GT(contests[1].at("macs_a_sample"), 0);
  }
}

TEST_F(BenchTest, PeersWithoutTheNetworkAreListed) {
  const auto result = scene_.run({"bench",
                                  "tiny.toml",
                                  "--against",
                                  "eager",
                                  "--batch",
                                  "1",
                                  "--rounds",
                                  "1",
                                  "--peer-program",
                                  peer("peer.sh")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("eager: not measured, no network \"tiny\" is known there"));
}

TEST_F(BenchTest, RefusalsAreOneLine) {
  const std::vector<std::vector<std::string>> refused = {{"--against", "eagre"},
                                                         {"--batch", "1,x"},
                                                         {"--batch", "0"},
                                                         {"--rounds", "0"},
                                                         {"--threads", "-1"},
                                                         {"--networks", "none.toml"}};
  for (const auto& more : refused) {
    std::vector<std::string> all = {"bench", "tiny.toml"};
    all.insert(all.end(), more.begin(), more.end());
    const auto result = scene_.run(all);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_EQ(result.error_lines().size(), 1U) << result.err;
  }
}

TEST_F(BenchTest, CtrlCEndsTheChildren) {
  const std::string silent = script("silent.sh", "echo $$ >>pids; exec cat >/dev/null");
  const pid_t process = scene_.launch(words(silent, {"--against", "eager"}), "log");
  pid_t child = 0;
  ASSERT_TRUE(wait_until(process, [&] {
    std::ifstream(scene_.path("pids")) >> child;
    return child != 0;
  })) << scene_.bytes(".", "log");
  ::kill(process, SIGINT);
  const int status = wait_for_end(process);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 128 + SIGINT) << scene_.bytes(".", "log");
  EXPECT_NE(::kill(child, 0), 0);
}

}  // namespace
}  // namespace mixwright::e2e
