// What a user may get wrong, through the program: one line, exit code 2 (1 at run time), no
// back-trace, nothing lost. What is wrong with plugins is tested in tests/boundary.

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "framework/io/safetensors.h"
#include "tests/e2e/training_scene.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

using test::expect_refusal;
using ::testing::HasSubstr;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class BadInput : public ::testing::Test {
 protected:
  /// Trains with `from` in the config replaced by `to`.
  test::ProgramResult train_with(const std::string& from, const std::string& to) {
    std::string text = read_file(scene_.config());
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    test::write_file(scene_.path("changed.toml"), text);
    return scene_.run({"train", "changed.toml", "--out", "run"});
  }

  /// Trains with a damaged file of pictures.
  test::ProgramResult train_on(const std::string& bytes) {
    test::write_file(scene_.path("train-images"), bytes);
    return scene_.run({"train", "tiny.toml", "--out", "run"});
  }

  /// Reads a damaged file of weights.
  test::ProgramResult forward_with(const std::string& weights) {
    test::write_file(scene_.path("w.safetensors"), weights);
    io::write_safetensors(scene_.path("x.safetensors"), {{"x", torch::zeros({1, 8, 8, 1})}});
    return scene_.run({"forward",
                       "tiny.toml",
                       "--weights",
                       "w.safetensors",
                       "--input",
                       "x.safetensors",
                       "--output",
                       "y.safetensors"});
  }

  std::string good_weights() {
    io::write_safetensors(scene_.path("good"), {{"a", torch::ones({4})}, {"b", torch::ones({4})}});
    return read_file(scene_.path("good"));
  }

  TrainingScene scene_;
};

TEST_F(BadInput, UnknownKey) {
  expect_refusal(train_with("ratio = 0.5", "ratoi = 0.5"),
                 2,
                 {"changed.toml:35:",
                  "unknown option \"ratoi\" of token mixer \"mlp\"",
                  "did you mean \"ratio\"?"});
}

TEST_F(BadInput, WrongType) {
  expect_refusal(train_with("dim = 16", "dim = \"16\""),
                 2,
                 {"changed.toml:31:7:", "dim", "integer", "\"16\""});
}

TEST_F(BadInput, OutOfRange) {
  expect_refusal(train_with("drop_path = 0.1", "drop_path = 1.5"),
                 2,
                 {"changed.toml:33:42:", "drop_path", "1.5"});
}

TEST_F(BadInput, MissingConfig) {
  expect_refusal(
      scene_.run({"train", "absent.toml"}), 2, {"absent.toml", "No such file or directory"});
}

TEST_F(BadInput, MissingData) {
  expect_refusal(train_with("images = \"train-images\"", "images = \"absent\""),
                 2,
                 {"absent", "No such file or directory"});
}

TEST_F(BadInput, TruncatedIdx) {
  const std::string whole = read_file(scene_.path("train-images"));
  expect_refusal(
      train_on(whole.substr(0, 1000)), 2, {"train-images: 25,616 bytes expected", "1,000"});
}

TEST_F(BadInput, CorruptedIdx) {
  std::string bytes = read_file(scene_.path("train-images"));
  bytes[2] = 0x55;
  expect_refusal(train_on(bytes), 2, {"train-images: "});
}

TEST_F(BadInput, IdxHeaderOfGigabytes) {
  std::string bytes = read_file(scene_.path("train-images"));
  for (int i = 4; i < 8; ++i) bytes[static_cast<size_t>(i)] = '\xff';
  expect_refusal(train_on(bytes), 2, {"train-images: ", "bytes expected", "25,616"});
}

TEST_F(BadInput, TruncatedSafetensors) {
  const std::string whole = good_weights();
  expect_refusal(forward_with(whole.substr(0, whole.size() - 1)), 1, {"w.safetensors: "});
}

TEST_F(BadInput, CorruptedSafetensors) {
  std::string bytes = good_weights();
  bytes[9] = '\x01';
  expect_refusal(forward_with(bytes), 1, {"w.safetensors: "});
}

TEST_F(BadInput, SafetensorsHeaderOfGigabytes) {
  std::string bytes = good_weights();
  bytes[6] = 0x7f;
  expect_refusal(forward_with(bytes), 1, {"w.safetensors: ", "header"});
}

TEST_F(BadInput, CircularExtends) {
  test::write_file(scene_.path("other.toml"), "extends = [\"changed.toml\"]\n");
  expect_refusal(
      train_with("format = 1", "extends = [\"other.toml\"]"), 2, {"other.toml:1:", "changed.toml"});
}

TEST_F(BadInput, TokenMixerWhereANormBelongs) {
  expect_refusal(
      train_with("norm = { type = \"layer_norm\", over = \"all\" }", "norm = \"pooling\""),
      2,
      {"changed.toml:34:8:", "pooling", "norm", "token mixer"});
}

TEST_F(BadInput, DimsThatDoNotFit) {
  expect_refusal(
      train_with("token_mixer = { type = \"mlp\", ratio = 0.5, bias = false, dropout = 0.1 }",
                 "token_mixer = { type = \"self_attention\", heads = 3 }"),
      2,
      {"stage[0].block[0].token_mixer (self_attention", "16", "3"});
}

TEST_F(BadInput, ConfigCheckSaysSoWithoutTheWeights) {
  const auto check = [&](const std::string& set) {
    return scene_.run({"config", "check", "tiny.toml", "--set", set});
  };
  expect_refusal(check("model.stage[0].token_mixer={ type = \"self_attention\", heads = 3 }"),
                 2,
                 {"stage[0].block[0].token_mixer (self_attention", "16", "3"});
  const auto huge = check("model.stage[0].dim=20_000_000");  // a petabyte in one tensor
  EXPECT_EQ(huge.exit_code, 0) << huge.err;
}

TEST_F(BadInput, ReadOnlyOutputFolder) {
  const std::filesystem::path folder = scene_.path("locked");
  std::filesystem::create_directory(folder);
  ASSERT_EQ(::chmod(folder.c_str(), 0555), 0);
  std::vector<std::string> command = {
      program().string(), "train", scene_.config(), "--out", (folder / "run").string()};
  // Root may write everywhere unless it leaves that right behind.
  if (::geteuid() == 0) {
    command.insert(command.begin(),
                   {"/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"});
  }
  const auto result = test::run_program(command.front(), {command.begin() + 1, command.end()});
  expect_refusal(result, 2, {folder.string(), "Permission denied"});
}

TEST_F(BadInput, CheckpointOfAnotherArchitecture) {
  ASSERT_EQ(scene_.train("run", {"--set", "train.epochs=1"}).exit_code, 0);
  expect_refusal(scene_.run({"evaluate", "run", "--set", "model.stage[0].dim=24"}),
                 2,
                 {"stages.0.embedding.proj.weight", "[16, 1, 2, 2]", "[24, 1, 2, 2]"});
}

}  // namespace
}  // namespace mixwright::e2e
