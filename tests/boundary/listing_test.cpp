// What `plugins list` says of libraries that cannot be used. It runs no code of theirs.

#include <sys/stat.h>

#include <gmock/gmock.h>

#include <mixwright/stamp.h>

#include "tests/boundary/scene.h"

namespace mixwright::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PluginsList : public Scene {
 protected:
  /// The good library is offered as ever, and `bad` is listed with its reason.
  void expect_listed_as_refused(const fs::path& bad, const std::string& reason) {
    if (!fs::exists(folder_ / "libgood.so")) put("good");
    const ProgramResult result = run({"plugins", "list"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("boundary_scale"));
    EXPECT_THAT(result.out, HasSubstr(bad.string() + ": " + reason));
  }
};

TEST_F(PluginsList, OffersAGoodLibrary) {
  put("good");
  const ProgramResult result = run({"plugins", "list", "--kind", "token_mixer"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("boundary_scale"));
  EXPECT_THAT(result.out, HasSubstr("multiplies by a number"));
  EXPECT_THAT(result.out, HasSubstr("causal"));
  EXPECT_EQ(result.err, "");
}

TEST_F(PluginsList, RunsNoCode) {
  put("side_effects");
  const fs::path trace = root_ / "trace";
  ProgramOptions options;
  options.environment = {{"MIXWRIGHT_BOUNDARY_FILE", trace.string()}};
  const std::vector<std::string> places = {"--plugin-path", folder_.string(), "--only-plugin-path"};
  const fs::path program = fs::path(MIXWRIGHT_BUILD_DIR) / "bin" / "mixwright";

  std::vector<std::string> list = places;
  list.insert(list.end(), {"plugins", "list"});
  const ProgramResult listed = run_program(program, list, options);
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("boundary_restless"));
  EXPECT_FALSE(fs::exists(trace));

  // The counterpart: the trap does snap when the library is loaded.
  std::vector<std::string> describe = places;
  describe.insert(describe.end(), {"plugins", "describe", "boundary_restless"});
  EXPECT_EQ(run_program(program, describe, options).exit_code, 0);
  EXPECT_TRUE(fs::exists(trace));
}

TEST_F(PluginsList, SaysWhereItLookedInAnEmptyFolder) {
  const ProgramResult result = run({"plugins", "list"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("no plugins; looked in"));
  EXPECT_THAT(result.out, HasSubstr(folder_.string()));
  EXPECT_THAT(result.out, HasSubstr("no library"));
}

TEST_F(PluginsList, RefusesAPathThatDoesNotExist) {
  expect_refusal(run({"--plugin-path", (root_ / "nowhere").string(), "plugins", "list"}),
                 2,
                 {"--plugin-path", "nowhere", "no such folder or library"});
}

TEST_F(PluginsList, ShowsATextFile) {
  expect_listed_as_refused(put_text("libtext.so", "this is no library\n"),
                           "is not a shared library");
}

TEST_F(PluginsList, ShowsAnEmptyFile) {
  expect_listed_as_refused(put_text("libempty.so", ""), "is not a shared library");
}

TEST_F(PluginsList, ShowsALibraryThatIsCutOff) {
  const fs::path whole = put("good");
  const fs::path cut = folder_ / "libcut.so";
  fs::copy_file(whole, cut);
  fs::resize_file(cut, fs::file_size(whole) / 2);
  expect_listed_as_refused(cut, "is cut off");
}

TEST_F(PluginsList, ShowsALibraryThatIsNoPlugin) {
  const fs::path sdk = fs::path(MIXWRIGHT_BUILD_DIR) / "lib" / "libmixwright_sdk.so";
  fs::copy_file(sdk, folder_ / "libplain.so");
  expect_listed_as_refused(folder_ / "libplain.so", "is no Mixwright plugin");
}

TEST_F(PluginsList, ShowsAnotherLibTorch) {
  expect_listed_as_refused(put_patched("libtorch=2.13", "libtorch=2.12", "other"),
                           "built for LibTorch 2.12.0, this host runs 2.13.0; rebuild it");
}

TEST_F(PluginsList, ShowsAnotherSdkAbi) {
  expect_listed_as_refused(put_patched("sdk_abi=1", "sdk_abi=2", "other"),
                           "built for SDK ABI 2, this host has 1; rebuild it");
}

TEST_F(PluginsList, ShowsAnotherSanitizer) {
  const std::string own(stamp::kSanitizer);
  const std::string other(own.size(), 'x');
  expect_listed_as_refused(put_patched("sanitizer=" + own, "sanitizer=" + other, "other"),
                           "built with sanitizer " + other + ", this host with ");
}

TEST_F(PluginsList, ShowsAnotherStandardLibrary) {
  expect_listed_as_refused(
      put_patched("=libstdc++\n", "=libc++_v2\n", "other"),
      "built with the standard library libc++_v2, this host with libstdc++; rebuild it");
}

TEST_F(PluginsList, ShowsASecondPluginOfOneName) {
  put("good", "first");
  const fs::path second = put("good", "second");
  const ProgramResult result = run({"plugins", "list"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr(second.string() +
                        ": another plugin \"boundary_good\" comes first in the "
                        "search: " +
                        (folder_ / "libfirst.so").string()));
}

TEST_F(PluginsList, ShowsAPluginThatBringsASecondOpenMp) {
  expect_listed_as_refused(put("second_openmp"), "needs libomp.so, which would be a second OpenMP");
}

TEST_F(PluginsList, WarnsOfAnotherCompiler) {
  const std::string own(stamp::kCompiler);
  const std::string other = std::string(own.size() - 1, 'z') + "1";
  put_patched("compiler=" + own, "compiler=" + other, "good");
  const ProgramResult listed = run({"plugins", "list"});
  EXPECT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("built by " + other + ", this host by " + own));
  const ProgramResult used = run({"plugins", "describe", "boundary_scale"});
  EXPECT_EQ(used.exit_code, 0) << used.err;
  EXPECT_THAT(used.err, HasSubstr("built by " + other + ", this host by " + own));
}

TEST_F(PluginsList, WarnsOfAssertions) {
  // As long as before, for what was longer in one line is shorter in the next.
  const bool own = stamp::kAssertions == "on";
  const std::string other = own ? "off" : "on";
  put_patched("assertions=" + std::string(stamp::kAssertions) + "\nname=boundary_good\n",
              "assertions=" + other + "\nname=boundary_goo" + (own ? "" : "d2") + "\n",
              "good");
  const ProgramResult used = run({"plugins", "describe", "boundary_scale"});
  EXPECT_EQ(used.exit_code, 0) << used.err;
  EXPECT_THAT(used.err, HasSubstr("built with assertions " + other + ", this host with"));
}

TEST_F(PluginsList, ShowsALibraryWhoseNoteIsStripped) {
  // The note is found by its owner's name, which is gone.
  const std::string zeros(3, '\0');
  expect_listed_as_refused(
      put_patched("Mixwright" + zeros + "sdk_abi", std::string(9, 'x') + zeros + "sdk_abi", "bare"),
      "is no Mixwright plugin: it has no note");
}

TEST_F(PluginsList, ShowsALinkThatLeadsToItself) {
  const fs::path loop = folder_ / "libloop.so";
  fs::create_symlink("libloop.so", loop);
  expect_listed_as_refused(loop, "cannot open for reading: Too many levels of symbolic links");
}

/// A group that is the owner's own may go on writing.
auto advises_chmod_of(const fs::path& path) {
  return AnyOf(HasSubstr("chmod go-w " + path.string()), HasSubstr("chmod o-w " + path.string()));
}

class UntrustedPlaces : public Scene {
 protected:
  void SetUp() override {
    Scene::SetUp();
    // A checkout that others can write to as a whole is refused for that, whatever is tested here.
    for (fs::path at = root_; at != at.root_path(); at = at.parent_path()) {
      struct stat info{};
      ASSERT_EQ(::stat(at.c_str(), &info), 0);
      if ((info.st_mode & (S_IWOTH | S_IWGRP)) != 0 && (info.st_mode & S_ISVTX) == 0) {
        GTEST_SKIP() << at << " can be written to by others";
      }
    }
  }
};

TEST_F(UntrustedPlaces, FolderThatOthersCanWriteToIsRefused) {
  put("good");
  fs::permissions(folder_, fs::perms::all);
  const ProgramResult result = run_searching({"plugins", "paths"}, folder_.string());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("refused: others can write to " + folder_.string()));
  EXPECT_THAT(result.out, advises_chmod_of(folder_));
  expect_refusal(run_searching({"plugins", "describe", "boundary_scale"}, folder_.string()),
                 2,
                 {"boundary_scale", "refused: others can write to " + folder_.string()});
}

TEST_F(UntrustedPlaces, FolderBelowOneThatOthersCanWriteToIsRefused) {
  put("good");
  fs::permissions(root_, fs::perms::all);
  const ProgramResult result = run_searching({"plugins", "paths"}, folder_.string());
  EXPECT_THAT(result.out, HasSubstr("refused: others can write to " + root_.string() + " "));
}

TEST_F(UntrustedPlaces, FileThatOthersCanWriteToIsRefused) {
  const fs::path file = put("good");
  fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
  const ProgramResult result = run_searching({"plugins", "list"}, folder_.string());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, advises_chmod_of(file));
  EXPECT_THAT(result.out, Not(HasSubstr("boundary_scale")));
}

TEST_F(UntrustedPlaces, LinkThatLeadsToSuchAFileIsRefused) {
  fs::create_directories(root_ / "elsewhere");
  const fs::path file = put("good");
  fs::rename(file, root_ / "elsewhere" / "good.so");
  fs::create_symlink(root_ / "elsewhere" / "good.so", file);
  fs::permissions(root_ / "elsewhere", fs::perms::all);
  const ProgramResult result = run_searching({"plugins", "list"}, folder_.string());
  EXPECT_THAT(result.out, HasSubstr("others can write to " + (root_ / "elsewhere").string()));
  EXPECT_THAT(result.out, Not(HasSubstr("boundary_scale")));
}

TEST_F(UntrustedPlaces, ExplicitlyNamedFolderIsUsedWithAWarning) {
  put("good");
  fs::permissions(folder_, fs::perms::all);
  const ProgramResult result = run({"plugins", "list"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("boundary_scale"));
  EXPECT_THAT(result.err, HasSubstr("others can write to " + folder_.string()));
  EXPECT_THAT(result.err, HasSubstr("since --plugin-path names it"));
}

TEST_F(UntrustedPlaces, CurrentFolderIsNeverSearched) {
  put("good");
  for (const char* path : {"", ".", ":", "::", "plugins"}) {
    const ProgramResult result = run_searching({"plugins", "list"}, path, folder_);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, Not(HasSubstr("boundary_scale"))) << path;
  }
  EXPECT_THAT(run_searching({"plugins", "list"}, folder_.string(), folder_).out,
              HasSubstr("boundary_scale"));
}

TEST_F(UntrustedPlaces, EarlierFolderWins) {
  put("good");
  const fs::path later = root_ / "later";
  fs::create_directories(later);
  fs::copy_file(folder_ / "libgood.so", later / "libgood.so");
  const ProgramResult result =
      run_searching({"plugins", "list"}, folder_.string() + ":" + later.string());
  EXPECT_THAT(result.out,
              HasSubstr((later / "libgood.so").string() + ": another plugin \"boundary_good\""));
}

}  // namespace
}  // namespace mixwright::test
