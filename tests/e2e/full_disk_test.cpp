// A training whose disk is full, at every write that it does: it says what did not fit, keeps the
// last good checkpoint, and goes on to the same end once there is room.

#include <functional>
#include <optional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/train/checkpoint_difference.h"
#include "tests/e2e/small_disk.h"
#include "tests/e2e/training_scene.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsSupersetOf;

constexpr int kMost = 80;  // pages or files; a training takes fewer

class FullDiskTest : public testing::Test {
 protected:
  FullDiskTest() {
    fs::create_directory(scene_.path("disk"));
    disk_.emplace(scene_.path("disk"));
  }

  /// Four steps, each with a checkpoint; without gnuplot, whose pictures are not worth a training.
  test::ProgramResult train(const std::string& out, bool resume) {
    std::vector<std::string> words = {"train", scene_.config(), "--out", scene_.path(out).string()};
    for (const char* set : {"train.checkpoint={ every_steps = 1, keep = 1 }",
                            "train.epochs=1",
                            "train.holdout=0",
                            "train.log_every=1",
                            "train.ema={ decay = 0.9 }",
                            "data.limit_train=64",
                            "data.limit_test=16"}) {
      words.insert(words.end(), {"--set", set});
    }
    if (resume) words.emplace_back("--resume");
    test::ProgramOptions options;
    options.environment["PATH"] = "/nonexistent";
    options.folder = scene_.path("");
    return test::run_program(program(), words, options);
  }

  /// The file that a message is about: the last part of the path that it begins with.
  static std::string file_of(const std::string& message) {
    const std::string path = message.substr(0, message.find(": "));
    return fs::path(path).filename().string();
  }

  /// One line that says what was not written, and that there is no room.
  void expect_refused(const test::ProgramResult& result) {
    std::vector<std::string> lines = result.error_lines();
    std::erase_if(lines, [](const std::string& line) { return !line.starts_with("mixwright: "); });
    ASSERT_EQ(lines.size(), 1U) << result.err;
    const std::string message = lines[0].substr(11);
    refused_.insert(file_of(message));
    EXPECT_THAT(message, HasSubstr("No space left on device"));
    if (message.find("/checkpoints/.partial") != std::string::npos ||
        message.find(": the checkpoint of step") != std::string::npos) {
      EXPECT_THAT(
          message,
          HasSubstr(fs::exists(scene_.path("disk/run/last")) ? "; the last good checkpoint is "
                                                             : "; no checkpoint was written yet"));
    }
    if (message.find(".safetensors: cannot write") != std::string::npos) {
      EXPECT_THAT(message, HasSubstr(" bytes needed, "));
      EXPECT_THAT(message, HasSubstr(" free"));
    }
  }

  /// Trains with less and less of `fill` taken, until nothing is refused.
  void sweep(const std::function<void(int)>& fill) {
    ASSERT_EQ(train("whole", false).exit_code, 0);
    bool refused = true;
    for (int left = 0; left <= kMost && refused && !HasFailure(); ++left) {
      SCOPED_TRACE(std::to_string(left) + " left");
      fill(left);
      const auto result = train("disk/run", false);
      refused = result.exit_code != 0;
      if (refused) expect_refused(result);
      disk_->make_room();
      const bool begun = fs::exists(scene_.path("disk/run/config.toml"));
      if (fs::exists(scene_.path("disk/run/last"))) kept_ = true;
      const auto rest = train("disk/run", begun);
      EXPECT_EQ(rest.exit_code, 0) << rest.err << "\nafter " << result.err;
      EXPECT_EQ(
          train::checkpoint_difference(scene_.path("whole/last"), scene_.path("disk/run/last")),
          "");
      expect_nothing_unfinished(scene_.path("disk/run"));
      fs::remove_all(scene_.path("disk/run"));
    }
    EXPECT_FALSE(refused) << "the whole of it never fitted";
    EXPECT_TRUE(kept_) << "no training was refused after its first checkpoint";
  }

  TrainingScene scene_;
  std::optional<SmallDisk> disk_;
  std::set<std::string> refused_;  // files that did not fit
  bool kept_ = false;              // a checkpoint, before something did not fit
};

TEST_F(FullDiskTest, StopsAtWhateverDoesNotFitAndGoesOnWithRoom) {
  if (!disk_->is_mounted()) GTEST_SKIP() << "NOT TESTED: this system allows no mount of its own";
  sweep([&](int pages) { disk_->leave_pages(pages); });
  EXPECT_THAT(refused_,
              IsSupersetOf({"config.toml",
                            "metrics.jsonl",
                            "model.safetensors",
                            "ema.safetensors",
                            "optimizer.safetensors",
                            "state.toml"}));
}

TEST_F(FullDiskTest, SoItDoesWhereNoMoreFilesCanBeMade) {
  if (!disk_->is_mounted()) GTEST_SKIP() << "NOT TESTED: this system allows no mount of its own";
  sweep([&](int files) { disk_->leave_files(files); });
  EXPECT_THAT(refused_, IsSupersetOf({"config.toml", "model.safetensors", "state.toml"}));
}

}  // namespace
}  // namespace mixwright::e2e
