#include "framework/io/atomic_file.h"

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/io/io_test_files.h"

namespace mixwright::io {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

unsigned mode_of(const fs::path& path) {
  struct stat info{};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 07777U;
}

TEST(AtomicFile, NothingIsSeenBeforeCommit) {
  const TemporaryFolder folder;
  write_bytes(folder / "a", "old");
  AtomicFile file(folder / "a");
  file.write("ne");
  file.write("w");
  EXPECT_EQ(read_bytes(folder / "a"), "old");
  file.commit();
  EXPECT_EQ(read_bytes(folder / "a"), "new");
  EXPECT_EQ(folder.file_count(), 1U);
}

TEST(AtomicFile, WithoutCommitTheOldFileStays) {
  const TemporaryFolder folder;
  write_bytes(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write("new");
  }
  EXPECT_EQ(read_bytes(folder / "a"), "old");
  EXPECT_EQ(folder.file_count(), 1U);
}

TEST(AtomicFile, TheTemporaryLiesBesideTheTarget) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "a");
  EXPECT_EQ(file.temporary_path().parent_path(), folder.path());
  EXPECT_TRUE(fs::exists(file.temporary_path()));
}

TEST(AtomicFile, ATargetWithoutFolderIsInTheCurrentOne) {
  AtomicFile file("mixwright-io-test-is-never-committed");
  EXPECT_EQ(file.temporary_path().parent_path(), ".");
}

TEST(AtomicFile, KeepsTheModeBitsOfAReplacedFile) {
  const TemporaryFolder folder;
  for (const unsigned mode : {0600U, 0640U, 0444U, 0755U}) {
    const fs::path path = folder / ("mode" + std::to_string(mode));
    write_bytes(path, "old");
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    write_text_file_atomically(path, "new");
    EXPECT_EQ(mode_of(path), mode);
    EXPECT_EQ(read_bytes(path), "new");
  }
}

TEST(AtomicFile, ANewFileObeysTheUmask) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  write_text_file_atomically(folder / "a", "new");
  ::umask(before);
  EXPECT_EQ(mode_of(folder / "a"), 0640U);
}

TEST(AtomicFile, ALinkStaysAndItsTargetIsReplaced) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "deep");
  write_bytes(folder / "deep/real", "old");
  fs::create_symlink("deep/real", folder / "link");
  fs::create_symlink("link", folder / "link_to_link");
  write_text_file_atomically(folder / "link_to_link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_TRUE(fs::is_symlink(folder / "link_to_link"));
  EXPECT_EQ(read_bytes(folder / "deep/real"), "new");
  // Where a link leads nowhere the file comes into being.
  fs::create_symlink("deep/later", folder / "dangling");
  write_text_file_atomically(folder / "dangling", "later");
  EXPECT_EQ(read_bytes(folder / "deep/later"), "later");
  fs::create_symlink("circle", folder / "circle");
  EXPECT_THAT(error_of([&] { write_text_file_atomically(folder / "circle", "x"); }),
              HasSubstr("circle: cannot follow this symbolic link"));
}

TEST(AtomicFile, RefusesFoldersAndDevices) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { AtomicFile file(folder.path()); }), HasSubstr("is a folder"));
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "no/such"); }),
              AllOf(HasSubstr("such: cannot open the folder"), HasSubstr("No such file")));
  // A pipe stands for /dev/null here: if this broke, the test must not replace the device.
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { AtomicFile file(folder / "pipe"); }),
              HasSubstr("is a pipe or device and cannot be replaced"));
}

TEST(AtomicFile, IsUsedOnce) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "a");
  file.commit();
  EXPECT_THAT(error_of([&] { file.write("more"); }), HasSubstr("write after"));
  EXPECT_THAT(error_of([&] { file.commit(); }), HasSubstr("commit after"));
}

TEST(RemoveOrphanTemporaries, RemovesOnlyOursWhoseWriterIsGone) {
  const TemporaryFolder folder;
  for (const char* name : {".mixwright-123-0.tmp", ".mixwright-4194303-77.tmp"}) {
    write_bytes(folder / name, "left by a killed process");
  }
  ASSERT_EQ(::chmod((folder / ".mixwright-123-0.tmp").c_str(), 0444), 0);
  const std::vector<std::string> foreign = {"model.tmp",
                                            ".mixwright-1.tmp",
                                            ".mixwright-a-0.tmp",
                                            ".mixwright-1-.tmp",
                                            ".mixwright-.tmp",
                                            "mixwright-1-0.tmp",
                                            ".mixwright-1-0.tmp.bak",
                                            "model.safetensors"};
  for (const std::string& name : foreign) write_bytes(folder / name, "of somebody else");
  fs::create_directory(folder / ".mixwright-5-5.tmp");
  fs::create_symlink("model.safetensors", folder / ".mixwright-6-6.tmp");
  AtomicFile living(folder / "model.safetensors");

  EXPECT_EQ(remove_orphan_temporaries(folder.path()), 2);
  for (const std::string& name : foreign) EXPECT_TRUE(fs::exists(folder / name)) << name;
  EXPECT_TRUE(fs::exists(folder / ".mixwright-5-5.tmp"));
  EXPECT_TRUE(fs::is_symlink(folder / ".mixwright-6-6.tmp"));
  EXPECT_TRUE(fs::exists(living.temporary_path()));
  EXPECT_EQ(remove_orphan_temporaries(folder.path()), 0);
  EXPECT_EQ(remove_orphan_temporaries(folder / "missing"), 0);
}

TEST(SyncFolder, TellsWhatIsMissing) {
  const TemporaryFolder folder;
  EXPECT_NO_THROW(sync_folder(folder.path()));
  EXPECT_THAT(error_of([&] { sync_folder(folder / "missing"); }),
              HasSubstr("missing: cannot sync this folder to disk: No such file"));
}

}  // namespace
}  // namespace mixwright::io
