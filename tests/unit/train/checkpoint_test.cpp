#include "framework/train/checkpoint.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "framework/train/run_folder.h"
#include "framework/train/train_state_file.h"
#include "tests/unit/data/idx_writer.h"
#include "tests/unit/train/test_network.h"

namespace mixwright::train {
namespace {

namespace fs = std::filesystem;
using mixwright::test::TestFolder;
using testing::HasSubstr;

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() : folder_("mixwright-checkpoint"), run_(folder_ / "run") {
    fs::create_directories(run_ / "checkpoints");
    torch::manual_seed(1);
    network_ = test::tiny_network();
    optimizer_ = make_optimizer(trained_tensors(*network_, {}), {});
  }

  void save(int64_t step, bool is_best = false, int64_t keep = 2) {
    TrainState state;
    state.step = step;
    state.best_value = 0.1;
    state.interval_metrics["accuracy"] = 1.0 / 3.0;
    state.seed = UINT64_MAX;
    state.libtorch = "2.13.0";
    Checkpoints(run_).save({*network_, *optimizer_}, state, components_, is_best, keep);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(run_ / "checkpoints")) {
      result.push_back(entry.path().filename().string());
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  TestFolder folder_;
  fs::path run_;
  std::shared_ptr<model::Network> network_;
  std::unique_ptr<Optimizer> optimizer_;
  std::vector<ComponentRevision> components_ = {{"block", "tiny", 1}};
};

TEST_F(CheckpointTest, RestoresTensorsAndRandomGenerators) {
  save(5);
  const torch::Tensor next = torch::rand({8});
  torch::manual_seed(99);
  const auto other = test::tiny_network();
  const auto optimizer = make_optimizer(trained_tensors(*other, {}), {});
  const TrainState state =
      Checkpoints::load(*Checkpoints(run_).find("last"), {*other, *optimizer}, components_);
  EXPECT_EQ(state.step, 5);
  EXPECT_EQ(state.best_value, 0.1);
  EXPECT_EQ(state.interval_metrics.at("accuracy"), 1.0 / 3.0);
  EXPECT_EQ(state.seed, UINT64_MAX);
  EXPECT_EQ(optimizer->steps(), 5);
  const auto a = network_->state();
  const auto b = other->state();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(torch::equal(a[i].second, b[i].second));
  EXPECT_TRUE(torch::equal(torch::rand({8}), next));
}

TEST_F(CheckpointTest, LinksNameTheLastAndTheBest) {
  const Checkpoints checkpoints(run_);
  EXPECT_FALSE(checkpoints.find("last").has_value());
  save(1, true);
  save(2);
  EXPECT_EQ(checkpoints.find("best")->filename(), "step-1");
  EXPECT_EQ(checkpoints.find("last")->filename(), "step-2");
  EXPECT_FALSE(checkpoints.find("step-7").has_value());
}

TEST_F(CheckpointTest, KeepsTheNewestAndTheBest) {
  save(1);
  save(2, true);
  save(3);
  save(10);
  save(11);
  EXPECT_THAT(names(), testing::ElementsAre("step-10", "step-11", "step-2"));
}

TEST_F(CheckpointTest, WritesTheSameStepAgain) {
  save(4);
  {
    const torch::NoGradGuard no_grad;
    network_->state()[0].second.add_(1);
  }
  save(4);
  EXPECT_THAT(names(), testing::ElementsAre("step-4"));
  const auto other = test::tiny_network();
  Checkpoints::load_network(*Checkpoints(run_).find("last"), *other, components_);
  EXPECT_TRUE(torch::equal(other->state()[0].second, network_->state()[0].second));
}

TEST_F(CheckpointTest, RemovesWhatAKilledTrainingLeft) {
  save(1);
  fs::create_directories(run_ / "checkpoints" / ".partial-step-2");
  std::ofstream(run_ / "checkpoints" / ".partial-step-2" / "model.safetensors") << "half";
  fs::create_directory_symlink("checkpoints/step-1", run_ / ".partial-last");
  std::ofstream(run_ / "mine.tmp") << "foreign";
  Checkpoints(run_).remove_leftovers();
  EXPECT_THAT(names(), testing::ElementsAre("step-1"));
  EXPECT_FALSE(fs::is_symlink(run_ / ".partial-last"));
  EXPECT_TRUE(fs::exists(run_ / "mine.tmp"));
}

TEST_F(CheckpointTest, MakesNoFolderAgainThatIsGone) {
  save(1);
  fs::remove_all(run_);
  EXPECT_THAT([&] { save(2); },
              testing::ThrowsMessage<Error>(HasSubstr("the run's folder is gone")));
  EXPECT_FALSE(fs::exists(run_));
}

TEST_F(CheckpointTest, NamesTheFirstTensorOfAnotherArchitecture) {
  save(1);
  const fs::path last = *Checkpoints(run_).find("last");
  const auto message = [&](const std::shared_ptr<model::Network>& network) -> std::string {
    try {
      Checkpoints::load_network(last, *network, components_);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message(test::tiny_network(4, 5)),
              HasSubstr("\"head.linear.weight\" is [3, 1] there and [5, 1] in this network"));
  EXPECT_THAT(message(test::tiny_network(4, 3, 3)), HasSubstr("has no \"stages.0.blocks.2"));
  EXPECT_THAT(message(test::tiny_network(4, 3, 1)),
              HasSubstr("\", which this network has not; the checkpoint belongs to another"));
}

TEST_F(CheckpointTest, RefusesOtherRevisionsOfItsComponents) {
  save(1);
  components_[0].revision = 2;
  EXPECT_THAT(
      [&] { Checkpoints::load_network(*Checkpoints(run_).find("last"), *network_, components_); },
      testing::ThrowsMessage<UsageError>(
          HasSubstr("trained with revision 1 of block \"tiny\", the plugin found has revision 2")));
}

TEST_F(CheckpointTest, SeesFlippedBitsInEveryFile) {
  save(1);
  const fs::path last = *Checkpoints(run_).find("last");
  for (const char* name : {"model.safetensors", "optimizer.safetensors"}) {
    const fs::path file = last / name;
    std::ifstream in(file, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    for (size_t i = 0; i < bytes.size(); i += 97) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ 16);
      std::ofstream(file, std::ios::binary) << damaged;
      const auto network = test::tiny_network();
      const auto optimizer = make_optimizer(trained_tensors(*network, {}), {});
      EXPECT_THROW(Checkpoints::load(last, {*network, *optimizer}, components_), Error)
          << name << " byte " << i;
    }
    std::ofstream(file, std::ios::binary) << bytes;
  }
}

TEST_F(CheckpointTest, NamesWhatIsWrongInAStateFile) {
  const fs::path file = run_ / "state.toml";
  write_state_file(file, {});
  std::ifstream in(file);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto message = [&](const std::string& from, const std::string& to) -> std::string {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    std::ofstream(file) << changed;
    try {
      read_state_file(file);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message("step = 0\n", ""), HasSubstr("\"step\" is missing"));
  EXPECT_THAT(message("step = 0", "step = \"x\""),
              HasSubstr("step is the string \"x\", an integer expected"));
  EXPECT_THAT(message("format = 1", "format = 9"), HasSubstr("format 9"));
  EXPECT_THAT(message("step = 0", "step = = 0"), HasSubstr("state.toml:"));
}

TEST(RunFolderTest, RefusesFoldersThatHoldSomething) {
  const TestFolder folder("mixwright-run");
  const fs::path path = folder / "run";
  {
    const RunFolder run = RunFolder::create(path);
    EXPECT_THAT(
        [&] { RunFolder::create(path); },
        testing::ThrowsMessage<UsageError>(HasSubstr("process " + std::to_string(::getpid()))));
    std::ofstream(run.config()) << "format = 1\n";
  }
  EXPECT_THAT([&] { RunFolder::create(path); },
              testing::ThrowsMessage<UsageError>(HasSubstr("--resume")));
  EXPECT_EQ(RunFolder::reopen(path).path(), path);
  EXPECT_THAT([&] { RunFolder::reopen(folder / "other"); },
              testing::ThrowsMessage<UsageError>(HasSubstr("no run to resume")));
  fs::create_directories(folder / "foreign");
  std::ofstream(folder / "foreign" / "thesis.tex") << "x";
  EXPECT_THAT([&] { RunFolder::create(folder.path() / "foreign"); },
              testing::ThrowsMessage<UsageError>(HasSubstr("thesis.tex")));
  std::ofstream(folder / "file") << "x";
  EXPECT_THAT([&] { RunFolder::create(folder.path() / "file" / "run"); },
              testing::ThrowsMessage<UsageError>(HasSubstr("cannot be made")));
}

TEST(RunFolderTest, TakesWhatATrainingLeftThatWasKilledBeforeItsFirstFile) {
  const TestFolder folder("mixwright-run");
  const fs::path path = folder / "run";
  fs::create_directories(path / "checkpoints");
  std::ofstream(path / "run.lock") << "1\n";
  std::ofstream(path / ".mixwright-1-0.tmp") << "half a config";
  EXPECT_NO_THROW(RunFolder::check_free(path));
  const RunFolder run = RunFolder::create(path);
  EXPECT_FALSE(fs::exists(path / ".mixwright-1-0.tmp"));
}

}  // namespace
}  // namespace mixwright::train
