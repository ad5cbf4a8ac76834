// What is left of a save when any one of its system calls fails, is short, or is the last thing
// that the process does (struck_calls.h). Every test strikes the first call, then the second, and
// so on until a save passes untouched.

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/io/atomic_file.h"
#include "framework/io/safetensors.h"
#include "framework/io/text.h"
#include "tests/faults/struck_calls.h"
#include "tests/unit/io/io_test_files.h"

namespace mixwright::io {
namespace {

namespace fs = std::filesystem;
using test::Plan;
using test::plan;
using test::Strike;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kMostCalls = 100;  // a save takes far fewer

/// Watches, and where told strikes, the calls of its scope.
class Watch {
 public:
  explicit Watch(Plan& watched) { plan = &watched; }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { plan = nullptr; }
};

/// Runs `action` in a child that ends without destructors; gives how it ended, as waitpid does.
int status_of_child(const std::function<void()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

/// The text that a child hands back through a pipe.
std::string text_of_child(const std::function<std::string()>& action) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe(ends), 0);
  const int status = status_of_child([&] {
    const std::string text = action();
    if (::write(ends[1], text.data(), text.size()) < 0) ::_exit(1);
  });
  EXPECT_EQ(status, 0);
  ::close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t size = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return text;
}

class SaveUnderFaults : public ::testing::Test {
 protected:
  SaveUnderFaults() {
    write_safetensors(target(), {{"weight", old_weight_}});
    write_bytes(folder_ / "foreign.tmp", "of another program");
    old_bytes_ = read_bytes(target());
    write_safetensors(folder_ / "expected", {{"weight", new_weight_}, {"bias", new_bias_}});
    new_bytes_ = read_bytes(folder_ / "expected");
    fs::remove(folder_ / "expected");
  }

  fs::path target() const { return folder_ / "model.safetensors"; }

  void save() const { write_safetensors(target(), {{"weight", new_weight_}, {"bias", new_bias_}}); }
  std::string error_of_save(Plan& faults) const {
    const Watch watch(faults);
    return error_of([&] { save(); });
  }
  void restore_old_file() const { write_text_file_atomically(target(), old_bytes_); }

  void expect_only_target_and_foreign_file() const {
    EXPECT_TRUE(fs::exists(folder_ / "foreign.tmp"));
    EXPECT_EQ(folder_.file_count(), 2U);
  }

  TemporaryFolder folder_;
  torch::Tensor old_weight_ = torch::zeros({100});
  torch::Tensor new_weight_ = torch::arange(3000, torch::kFloat32);
  torch::Tensor new_bias_ = torch::arange(7);
  std::string old_bytes_;
  std::string new_bytes_;
};

TEST_F(SaveUnderFaults, IsDurableBeforeItReturns) {
  Plan observe;
  ASSERT_EQ(error_of_save(observe), "no error");
  EXPECT_THAT(observe.log,
              ElementsAre("open",  // the folder
                          "open",  // the temporary file
                          "write",
                          "write",
                          "write",
                          "write",
                          "fsync file",
                          "close",
                          "rename",
                          "fsync folder",
                          "close"));
  EXPECT_EQ(read_bytes(target()), new_bytes_);
}

TEST_F(SaveUnderFaults, KilledAnywhereLeavesTheOldOrTheNewFile) {
  int killed = 0;
  int saw_new = 0;
  int at = 1;
  for (; at < kMostCalls; ++at) {
    restore_old_file();
    const int status = status_of_child([&] {
      Plan kill{.strike = Strike::kKill, .at = at};
      const Watch watch(kill);
      save();
    });
    const std::string found = read_bytes(target());
    EXPECT_TRUE(found == old_bytes_ || found == new_bytes_) << "killed at call " << at;
    saw_new += found == new_bytes_ ? 1 : 0;
    EXPECT_NO_THROW(load_safetensors(target()));
    EXPECT_LE(remove_orphan_temporaries(folder_.path()), 1);
    expect_only_target_and_foreign_file();
    if (!WIFSIGNALED(status)) break;
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
    ++killed;
  }
  EXPECT_EQ(killed, 11);
  EXPECT_EQ(saw_new, 3);  // at the folder's fsync and close, and untouched
}

TEST_F(SaveUnderFaults, KilledInTheMiddleOfAWriteLeavesTheOldFile) {
  // The file-size limit kills at an exact byte.
  for (size_t limit = 0; limit < new_bytes_.size(); limit += 1 + new_bytes_.size() / 20) {
    const int status = status_of_child([&] {
      std::signal(SIGXFSZ, SIG_DFL);
      const rlimit size{limit, limit};
      const rlimit no_core{0, 0};
      ::setrlimit(RLIMIT_CORE, &no_core);
      ::setrlimit(RLIMIT_FSIZE, &size);
      save();
    });
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) << limit;
    EXPECT_EQ(read_bytes(target()), old_bytes_);
  }
}

TEST_F(SaveUnderFaults, TwentyKilledSavesAreCleanedUpAndNothingElse) {
  for (int i = 0; i < 20; ++i) {
    status_of_child([&] {
      Plan kill{.strike = Strike::kKill, .at = 1, .only = "rename"};
      const Watch watch(kill);
      save();
    });
  }
  EXPECT_EQ(folder_.file_count(), 22U);
  AtomicFile living(folder_ / "other.safetensors");
  EXPECT_EQ(remove_orphan_temporaries(folder_.path()), 20);
  EXPECT_TRUE(fs::exists(living.temporary_path()));
  EXPECT_TRUE(fs::exists(folder_ / "foreign.tmp"));
  EXPECT_EQ(read_bytes(target()), old_bytes_);
}

class EveryCallFails : public SaveUnderFaults,
                       public ::testing::WithParamInterface<std::tuple<int, bool>> {};

TEST_P(EveryCallFails, LeavesTheOldFileAndNoTemporary) {
  const auto [error, persistent] = GetParam();
  int refused = 0;
  bool passed = false;
  for (int at = 1; at < kMostCalls && !passed; ++at) {
    restore_old_file();
    Plan fail{.strike = Strike::kFail, .at = at, .persistent = persistent, .error = error};
    const std::string text = error_of_save(fail);
    const std::string found = read_bytes(target());
    const bool renamed = std::count(fail.log.begin(), fail.log.end(), "fsync folder") > 0;
    if (text == "no error") {
      EXPECT_EQ(found, new_bytes_) << at;
      passed = !fail.struck;
    } else {
      ++refused;
      EXPECT_THAT(text, AllOf(HasSubstr("model.safetensors: "), HasSubstr(errno_text(error))));
      EXPECT_THAT(text,
                  HasSubstr(renamed ? "a power cut may bring the previous file back"
                                    : "the previous file is kept"));
      EXPECT_EQ(found, renamed ? new_bytes_ : old_bytes_) << at;
    }
    expect_only_target_and_foreign_file();
  }
  EXPECT_TRUE(passed);
  EXPECT_EQ(refused, 10);  // all but the close of the folder, which was only read
}

INSTANTIATE_TEST_SUITE_P(Errors,
                         EveryCallFails,
                         ::testing::Combine(::testing::Values(EIO, ENOSPC, EDQUOT),
                                            ::testing::Bool()));

TEST_F(SaveUnderFaults, AFailedFsyncIsNotTriedAgain) {
  Plan fail{.strike = Strike::kFail, .at = 1, .error = EIO, .only = "fsync file"};
  const std::string text = error_of_save(fail);
  EXPECT_THAT(text,
              AllOf(HasSubstr("cannot sync to disk: Input/output error"),
                    HasSubstr("the previous file is kept")));
  EXPECT_EQ(std::count(fail.log.begin(), fail.log.end(), "fsync file"), 1);
  EXPECT_EQ(std::count(fail.log.begin(), fail.log.end(), "rename"), 0);
  // The next save begins from scratch and passes.
  save();
  EXPECT_EQ(read_bytes(target()), new_bytes_);
}

TEST_F(SaveUnderFaults, AFullDiskTellsBytesNeededAndFree) {
  Plan fail{.strike = Strike::kFail, .at = 2, .error = ENOSPC, .only = "write"};
  const std::string text = error_of_save(fail);
  const std::string needed = std::to_string(new_bytes_.size());
  EXPECT_THAT(text, HasSubstr("cannot write: No space left on device; 12,"));
  EXPECT_THAT(text, HasSubstr(needed.substr(needed.size() - 3) + " bytes needed, "));
  EXPECT_THAT(text, HasSubstr(" free; the previous file is kept"));
}

TEST_F(SaveUnderFaults, ShortAndInterruptedWritesGoOn) {
  Plan halves{.strike = Strike::kShort, .at = 1, .persistent = true, .only = "write"};
  EXPECT_EQ(error_of_save(halves), "no error");
  EXPECT_GT(halves.calls, 10);
  EXPECT_EQ(read_bytes(target()), new_bytes_);
  restore_old_file();
  Plan interrupted{.strike = Strike::kFail, .at = 2, .error = EINTR, .only = "write"};
  EXPECT_EQ(error_of_save(interrupted), "no error");
  EXPECT_TRUE(interrupted.struck);
  EXPECT_EQ(read_bytes(target()), new_bytes_);
}

TEST_F(SaveUnderFaults, AFileSizeLimitAtAnyByteKeepsTheOldFile) {
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  for (size_t limit = 0; limit < new_bytes_.size(); limit += 1 + new_bytes_.size() / 50) {
    const rlimit size{limit, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &size), 0);
    const std::string text = error_of([&] { save(); });
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_THAT(text, HasSubstr("model.safetensors: cannot write: File too large"));
    EXPECT_EQ(read_bytes(target()), old_bytes_) << limit;
    expect_only_target_and_foreign_file();
  }
  std::signal(SIGXFSZ, previous);
}

TEST_F(SaveUnderFaults, AFolderThatIsReadOnlyIsNamed) {
  fs::permissions(folder_.path(), fs::perms{0555});
  const std::string text = text_of_child([&]() -> std::string {
    // Root may write everywhere; the child becomes nobody.
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setuid(kNobody) != 0)) {
      return "cannot become nobody";
    }
    return error_of([&] { save(); });
  });
  fs::permissions(folder_.path(), fs::perms{0755});
  EXPECT_THAT(text,
              AllOf(HasSubstr("model.safetensors: cannot create a file in the folder \"" +
                              folder_.path().string() + "\": Permission denied"),
                    HasSubstr("the previous file is kept")));
  EXPECT_EQ(read_bytes(target()), old_bytes_);
  expect_only_target_and_foreign_file();
}

TEST_F(SaveUnderFaults, ARealFullFileSystemKeepsTheOldFile) {
  const fs::path small = folder_ / "small";
  fs::create_directory(small);
  // Also shows that a target on another mount than everything else works.
  const std::string text = text_of_child([&]() -> std::string {
    const int spaces = CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER);
    if (::unshare(spaces) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) ||
        ::mount("none", small.c_str(), "tmpfs", 0, "size=64k") != 0) {
      return "no mount";
    }
    write_text_file_atomically(small / "a", "old");
    const std::string refusal =
        error_of([&] { write_text_file_atomically(small / "a", std::string(200'000, 'x')); });
    const auto files = std::distance(fs::directory_iterator(small), fs::directory_iterator());
    return refusal + " | " + read_bytes(small / "a") + " | " + std::to_string(files);
  });
  if (text == "no mount") GTEST_SKIP() << "NOT TESTED: this system allows no mount of its own";
  EXPECT_EQ(text,
            (small / "a").string() +
                ": cannot write: No space left on device; 200,000 bytes needed, 61,440 "
                "free; the previous file is kept | old | 1");
}

}  // namespace
}  // namespace mixwright::io
