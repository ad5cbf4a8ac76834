// The host as a library: a run answers as the program does, a network is assembled in code.

#include <thread>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <torch/torch.h>

#include <mixwright/host.h>
#include <mixwright/picture.h>
#include <mixwright/random.h>

#include "tests/support/program.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::host {
namespace {

using testing::HasSubstr;

/// What `body` throws; "" for nothing.
template <class Thrown, class Body>
std::string thrown_by(const Body& body) {
  try {
    body();
  } catch (const Thrown& error) {
    return error.what();
  }
  return "";
}

NetworkBuilder small() {
  return NetworkBuilder().input({8, 8, 3}, 5).head("classifier");
}

Options stage_of(const ConfigValue& mixer) {
  return {{"embedding", part("patch", {{"size", 2}})},
          {"dim", 6},
          {"depth", 2},
          {"block", "serial"},
          {"norm", "layer_norm"},
          {"token_mixer", mixer}};
}

constexpr const char* kConfig = R"(format = 1
seed = 3
[data]
type = "idx"
train = { images = "./images", labels = "./labels" }
test = { images = "./images", labels = "./labels" }
class_names = ["first", "second", "third"]
[train]
task = "classification"
epochs = 1
batch_size = 16
threads = 1
device = "cpu"
[model]
head = "classifier"
[[model.stage]]
embedding = { type = "patch", size = 2 }
dim = 16
depth = 1
block = "serial"
norm = "layer_norm"
token_mixer = "mlp"
)";

/// Noise whose brightest row is the class.
void write_samples(const std::filesystem::path& folder, uint32_t count) {
  std::string pictures;
  std::string labels;
  for (uint32_t i = 0; i < count; ++i) {
    SampleRandom random(1, 0, i);
    const auto label = random.integer(0, 2);
    for (int64_t place = 0; place < 64; ++place) {
      pictures += static_cast<char>(random.integer(0, 100) + (place / 8 == label ? 120 : 0));
    }
    labels += static_cast<char>(label);
  }
  test::write_file(folder / "images", test::idx_bytes({count, 8, 8}, pictures));
  test::write_file(folder / "labels", test::idx_bytes({count}, labels));
}

/// A trained run, and a picture as file and tensor.
class HostModel : public testing::Test {
 protected:
  void SetUp() override {
    write_samples(folder_.path(), 200);
    test::write_file(folder_.path() / "tiny.toml", kConfig);
    const auto trained = program({"train", "tiny.toml", "--out", "run"});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    run_ = (folder_.path() / "run").string();
    torch::manual_seed(5);
    picture_ = torch::randint(256, {8, 8, 1}, torch::kUInt8);
    file_ = (folder_.path() / "picture.png").string();
    write_png(file_, picture_);
  }

  test::ProgramResult program(const std::vector<std::string>& arguments) {
    test::ProgramOptions options;
    options.folder = folder_.path();
    return test::run_program(
        std::filesystem::path(MIXWRIGHT_BUILD_DIR) / "bin/mixwright", arguments, options);
  }

  test::TestFolder folder_{"mixwright-host"};
  std::string run_;
  std::string file_;
  torch::Tensor picture_;
};

TEST_F(HostModel, AnswersAsTheProgramDoes) {
  const Model model = load_run(run_);
  const auto told = nlohmann::json::parse(program({"predict", "run", file_, "--json"}).out)
                        .at("pictures")
                        .at(0)
                        .at("predictions");
  const torch::Tensor large = picture_.repeat_interleave(8, 0).repeat_interleave(8, 1);
  for (const auto& answers :
       {model.predict(picture_), model.predict_file(file_), model.predict(large)}) {
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0].label, told.at(0).at("label").get<std::string>());
  }
  const auto answers = model.predict(picture_, 2);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_NEAR(answers[0].probability, told.at(0).at("probability").get<double>(), 1e-6);
  EXPECT_THAT(model.class_names(), testing::ElementsAre("first", "second", "third"));
  EXPECT_EQ(model.input().text(), "[8, 8, 1]");
  EXPECT_EQ(model.step(), 13);  // 200 samples in batches of 16
}

TEST_F(HostModel, ForwardIsWhatThePredictionsComeFrom) {
  const Model model = load_run(run_, {"last", {"train.device=cpu"}, {}});
  const torch::Tensor y = model.forward(torch::stack({picture_, picture_}));
  EXPECT_EQ(y.sizes(), torch::IntArrayRef({2, 3}));
  EXPECT_FALSE(y.requires_grad());
  EXPECT_NEAR(y[0].softmax(0).max().item<double>(), model.predict(picture_)[0].probability, 1e-6);
}

TEST_F(HostModel, SeveralThreadsAskAtOnce) {
  const Model model = load_run(run_);
  const double expected = model.predict(picture_)[0].probability;
  std::vector<double> told(4);
  std::vector<std::thread> threads;
  for (double& value : told) {
    threads.emplace_back([&] { value = model.predict(picture_)[0].probability; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(told, std::vector<double>(4, expected));
}

TEST_F(HostModel, LeavesTheProgramsRandomNumbersAlone) {
  torch::manual_seed(9);
  const double expected = torch::rand({1}).item<double>();
  torch::manual_seed(9);
  load_run(run_);
  EXPECT_EQ(torch::rand({1}).item<double>(), expected);
}

TEST_F(HostModel, RefusalsAreOneLineEach) {
  const Model model = load_run(run_);
  EXPECT_EQ(thrown_by<Error>([&] { model.predict(torch::zeros({8, 8, 2})); }),
            run_ +
                ": a sample of [8, 8, 1] expected, or bytes [height, width, 1] of any size, "
                "Float [8, 8, 2] came");
  EXPECT_THAT(thrown_by<Error>([&] { model.predict(torch::Tensor()); }),
              HasSubstr("an undefined tensor came"));
  EXPECT_THAT(thrown_by<UsageError>([&] { model.predict(picture_, 0); }),
              HasSubstr("1 or more answers expected"));
  EXPECT_THAT(thrown_by<Error>([&] { model.predict_file(run_ + "/config.toml"); }),
              HasSubstr("config.toml: "));
  EXPECT_THAT(thrown_by<Error>([&] { model.forward(torch::zeros({1, 4, 4, 1})); }),
              HasSubstr("stage[0].block[0].token_mixer (mlp, libmlp.so): input [1, 2, 2, 16]"));
  EXPECT_THAT(thrown_by<UsageError>([&] { load_run(run_ + "/nowhere"); }),
              HasSubstr("has no checkpoint"));
  EXPECT_THAT(thrown_by<UsageError>([&] { load_run(run_, {"step-7", {}, {}}); }),
              HasSubstr("has no checkpoint \"step-7\""));
}

TEST(HostNetwork, CountsWhatItHasAndLearns) {
  Network network = small()
                        .stage(stage_of(part("mlp", {{"hidden", 4}})))
                        .head(part("classifier", {{"norm", "layer_norm"}}))
                        .seed(1)
                        .build();
  // Patches, two blocks of norm and 16 -> 4 -> 16 over tokens, norm and classes.
  EXPECT_EQ(network.parameter_count(),
            2 * 2 * 3 * 6 + 6 + 2 * (2 * 6 + 16 * 4 + 4 + 4 * 16 + 16) + 2 * 6 + 6 * 5 + 5);
  const torch::Tensor y = network.forward(torch::randn({3, 8, 8, 3}));
  EXPECT_EQ(y.sizes(), torch::IntArrayRef({3, 5}));
  y.square().sum().backward();
  for (const auto& [name, parameter] : network.parameters()) {
    EXPECT_TRUE(parameter.grad().defined()) << name;
  }
  EXPECT_TRUE(network.warnings().empty());
}

TEST(HostNetwork, SharesAndInitialisesAsAConfigDoes) {
  const Options stage = stage_of(part("mlp", {{"hidden", 4}}));
  const Network apart = small().stage(stage).init("xavier_uniform").build();
  const Network tied = small()
                           .stage(stage)
                           .share("stages.0.blocks.1.token_mixer.fc1.weight",
                                  "stages.0.blocks.0.token_mixer.fc1.weight")
                           .build();
  EXPECT_EQ(apart.parameter_count() - tied.parameter_count(), 16 * 4);
}

TEST(HostNetwork, TheSameSeedIsTheSameNetwork) {
  const torch::Tensor x = torch::randn({1, 8, 8, 3});
  const auto answer = [&](int64_t seed) {
    Network network = small().stage(stage_of("mlp")).seed(seed).build();
    network.train(false);
    return network.forward(x);
  };
  EXPECT_TRUE(answer(3).equal(answer(3)));
  EXPECT_FALSE(answer(3).equal(answer(4)));
}

TEST(HostNetwork, SaysWhatIsWrong) {
  const auto refusal = [](const NetworkBuilder& builder, const PluginPlaces& plugins = {}) {
    return thrown_by<UsageError>([&] { builder.build(plugins); });
  };
  EXPECT_THAT(refusal(small().stage(stage_of("mlpp"))),
              HasSubstr("unknown token mixer \"mlpp\"; did you mean \"mlp\"?"));
  EXPECT_THAT(refusal(small().stage(stage_of(part("mlp", {{"ratoi", 2}})))),
              HasSubstr("did you mean \"ratio\"?"));
  EXPECT_THAT(refusal(small().stage(stage_of("mlp")).init("defalt")),
              HasSubstr("did you mean \"default\"?"));
  EXPECT_THAT(refusal(small().stage({{"depth", -1}})), HasSubstr("depth"));
  EXPECT_THAT(refusal(small().stage(stage_of("mlp")), {{"/nowhere/at/all"}, false}),
              HasSubstr("--plugin-path \"/nowhere/at/all\""));
  EXPECT_THAT(thrown_by<UsageError>([] { part("mlp", {{"ratio", 1}, {"ratio", 2}}); }),
              HasSubstr("\"ratio\" is given twice"));
  Network network = small().stage(stage_of("mlp")).build();
  EXPECT_THAT(thrown_by<Error>([&] { network.forward(torch::zeros({1, 8, 8, 1})); }),
              HasSubstr("[batch, 8, 8, 3] expected"));
}

}  // namespace
}  // namespace mixwright::host
