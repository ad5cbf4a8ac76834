// `symmetric_start` of the MLP mixers: fc2 begins as fc1 transposed, whatever the model's scheme.

#include <gtest/gtest.h>

#include "framework/config/loader.h"
#include "framework/model/assemble.h"
#include "tests/support/paths.h"

namespace mixwright {
namespace {

class SymmetricStart : public testing::TestWithParam<const char*> {};

TEST_P(SymmetricStart, BeginsWithThePairOfAnEnergy) {
  const std::string text = R"([model]
input = { shape = [8, 8, 1], classes = 3 }
head = "classifier"
init = ")" + std::string(GetParam()) +
                           R"("
[[model.stage]]
embedding = { type = "patch", size = 2 }
dim = 12
depth = 2
block = "serial"
token_mixer = { type = "mlp", symmetric_start = true }
channel_mixer = { type = "mlp", bias = false, symmetric_start = true }
)";
  const config::LoadedConfig loaded = config::load_text(text, "t.toml");
  const auto factory = test::factory(loaded.root);
  Diagnostics diagnostics;
  const config::RunConfig config = config::read_config(loaded.root, *factory, diagnostics);
  diagnostics.throw_if_errors();
  const auto network = model::assemble(config, model::input_signal(config, nullptr), *factory);
  const auto tensors = network->named_parameters();
  for (const std::string block : {"0", "1"}) {
    for (const std::string mixer : {"token_mixer", "channel_mixer"}) {
      const std::string place = "stages.0.blocks." + block + "." + mixer;
      const torch::Tensor read = tensors[place + ".fc1.weight"];
      EXPECT_TRUE(torch::equal(tensors[place + ".fc2.weight"], read.t())) << place;
      EXPECT_GT(read.detach().std().item<double>(), 0.01) << place;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Schemes,
                         SymmetricStart,
                         testing::Values("default", "xavier_uniform", "truncated_normal"));

}  // namespace
}  // namespace mixwright
