// Plugins that throw when a network is built or run: the part's path, the reason, no back-trace.

#include <gmock/gmock.h>
#include <torch/torch.h>

#include "framework/io/safetensors.h"
#include "tests/boundary/scene.h"

namespace mixwright::test {
namespace {

namespace fs = std::filesystem;

struct Thrown {
  const char* component;
  const char* reason;
};

void PrintTo(const Thrown& thrown, std::ostream* out) {
  *out << thrown.component;
}

class ThrowsInCreate : public Scene, public ::testing::WithParamInterface<Thrown> {};

TEST_P(ThrowsInCreate, IsWrongUsage) {
  put("throws");
  expect_refusal(run_with_plugins({"model", "summary", config_with(GetParam().component).string()}),
                 2,
                 {"stage[0].block[0].token_mixer (" + std::string(GetParam().component) +
                  ", libthrows.so): " + GetParam().reason});
}

INSTANTIATE_TEST_SUITE_P(
    Exceptions,
    ThrowsInCreate,
    ::testing::Values(Thrown{"create_standard", "the planted standard exception"},
                      Thrown{"create_number", "threw something that is no std::exception"},
                      Thrown{"create_torch", "the planted LibTorch error"}),
    [](const auto& info) { return std::string(info.param.component); });

class ThrowsInForward : public Scene, public ::testing::WithParamInterface<Thrown> {};

TEST_P(ThrowsInForward, FailsAtRunTime) {
  put("throws");
  const fs::path input = root_ / "input.safetensors";
  io::write_safetensors(input, {{"x", torch::zeros({1, 8, 8, 3})}});
  expect_refusal(run_with_plugins({"--quiet",
                                   "forward",
                                   config_with(GetParam().component).string(),
                                   "--input",
                                   input.string(),
                                   "--output",
                                   (root_ / "output").string()}),
                 1,
                 {"stage[0].block[0].token_mixer (" + std::string(GetParam().component) +
                  ", libthrows.so): " + GetParam().reason});
  EXPECT_FALSE(fs::exists(root_ / "output"));
}

INSTANTIATE_TEST_SUITE_P(
    Exceptions,
    ThrowsInForward,
    ::testing::Values(Thrown{"forward_standard", "the planted standard exception"},
                      Thrown{"forward_number", "threw something that is no std::exception"},
                      Thrown{"forward_torch", "the planted LibTorch error"}),
    [](const auto& info) { return std::string(info.param.component); });

}  // namespace
}  // namespace mixwright::test
