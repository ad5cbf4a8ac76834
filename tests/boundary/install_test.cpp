// `plugins install` and `plugins remove`, and what is said of an installed file that was changed.

#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/boundary/scene.h"

namespace mixwright::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PluginsInstall : public Scene {
 protected:
  void SetUp() override {
    Scene::SetUp();
    installed_ = root_ / "home" / "mixwright" / "plugins" / "libboundary_good.so";
  }

  /// The ordinary search, with `searched` as MIXWRIGHT_PLUGIN_PATH.
  ProgramResult plugins(std::vector<std::string> words, const std::string& searched = "") const {
    words.insert(words.begin(), "plugins");
    return run_searching(words, searched);
  }

  ProgramResult install(const fs::path& file, const std::string& searched = "") const {
    return plugins({"install", file.string()}, searched);
  }

  static void append_byte(const fs::path& file) {
    std::ofstream(file, std::ios::binary | std::ios::app)
        << '\n';  // behind the end of the ELF file
  }

  fs::path installed_;  // where the good library comes to lie
};

TEST_F(PluginsInstall, InstallsAndRemoves) {
  const ProgramResult first = install(put("good", "any_name"));
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out,
              AllOf(HasSubstr("boundary_good 1.2.3 (SHA-256 "), HasSubstr(" installed: ")));
  EXPECT_EQ(fs::status(installed_).permissions(), fs::perms(0644));

  const ProgramResult used = plugins({"describe", "boundary_scale"});
  EXPECT_EQ(used.exit_code, 0) << used.err;
  EXPECT_EQ(used.err, "");
  EXPECT_THAT(used.out, HasSubstr(installed_.string()));

  const fs::file_time_type before = fs::last_write_time(installed_);
  const ProgramResult again = install(folder_ / "libany_name.so");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("is installed already, nothing was done"));
  EXPECT_EQ(fs::last_write_time(installed_), before);

  const ProgramResult removed = plugins({"remove", "boundary_good", "--json"});
  ASSERT_EQ(removed.exit_code, 0) << removed.err;
  const auto json = nlohmann::json::parse(removed.out).at("removed");
  EXPECT_EQ(json.at("name"), "boundary_good");
  EXPECT_EQ(json.at("library"), installed_.string());
  EXPECT_FALSE(fs::exists(installed_));
  expect_refusal(plugins({"remove", "boundary_good"}),
                 2,
                 {"no plugin \"boundary_good\" is installed", "there is none"});
}

TEST_F(PluginsInstall, ReplacesAnotherVersion) {
  const fs::path old = put("good");
  ASSERT_EQ(install(old).exit_code, 0);
  const fs::path next = put_patched("version=1.2.3", "version=1.2.4", "next");
  const ProgramResult result = plugins({"install", next.string(), "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json.at("outcome"), "replaced");
  EXPECT_EQ(json.at("before").at("version"), "1.2.3");
  EXPECT_EQ(json.at("plugin").at("version"), "1.2.4");
  EXPECT_EQ(json.at("plugin").at("sha256").get<std::string>().size(), 64U);
  EXPECT_EQ(json.at("plugin").at("bytes"), fs::file_size(next));

  const ProgramResult back = install(old);
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(back.out, AllOf(HasSubstr("1.2.4 (SHA-256 "), HasSubstr(") replaced by 1.2.3 (")));
}

TEST_F(PluginsInstall, NamesAFileThatWasChanged) {
  const fs::path source = put("good");
  ASSERT_EQ(install(source).exit_code, 0);
  append_byte(installed_);
  const auto told = AllOf(HasSubstr(installed_.string()),
                          HasSubstr("has changed since it was installed: SHA-256 "),
                          HasSubstr(", recorded "),
                          HasSubstr("mixwright plugins install"));
  EXPECT_THAT(plugins({"list"}).out, told);
  const auto listed = nlohmann::json::parse(plugins({"list", "--json"}).out).at("plugins");
  for (const auto& plugin : listed) {
    EXPECT_EQ(plugin.at("warnings").size(), plugin.at("name") == "boundary_good" ? 1U : 0U);
  }
  const ProgramResult used = plugins({"describe", "boundary_scale"});
  EXPECT_EQ(used.exit_code, 0);
  EXPECT_THAT(used.err, told);

  const ProgramResult mended = install(source);
  EXPECT_THAT(mended.out, HasSubstr("had been changed there and is as it was"));
  EXPECT_EQ(plugins({"describe", "boundary_scale"}).err, "");

  fs::resize_file(installed_, 1000);  // what cannot be used any more is named as changed, too
  EXPECT_THAT(plugins({"list"}).out,
              AllOf(HasSubstr("is cut off"), HasSubstr("has changed since")));
  fs::remove(installed_);
  EXPECT_THAT(plugins({"list"}).err, HasSubstr("was installed there and is gone"));
}

TEST_F(PluginsInstall, RefusesWhatTheRegistryWould) {
  expect_refusal(install(folder_ / "libnone.so"), 2, {"libnone.so", "no such file"});
  expect_refusal(install(put_text("libtext.so", "no library\n")), 2, {"is not a shared library"});
  expect_refusal(install(put_patched("libtorch=2.13", "libtorch=2.12", "old")),
                 2,
                 {"libold.so", "built for LibTorch 2.12.0, this host runs 2.13.0; rebuild it"});
  EXPECT_FALSE(fs::exists(installed_));
}

TEST_F(PluginsInstall, RefusesANameThatIsTaken) {
  const fs::path other = put("good", "other");
  expect_refusal(install(put("good"), folder_.string()),
                 2,
                 {"plugin \"boundary_good\" is found in " + (folder_ / "libgood.so").string(),
                  "MIXWRIGHT_PLUGIN_PATH",
                  installed_.string()});
  EXPECT_FALSE(fs::exists(installed_));

  // Not put there by `plugins install`: it is not overwritten, and not removed.
  fs::create_directories(installed_.parent_path());
  fs::copy_file(other, installed_);
  append_byte(installed_);
  expect_refusal(install(other), 2, {installed_.string(), "did not put there; remove it"});
  expect_refusal(
      plugins({"remove", "boundary_good"}), 2, {"was not put there", installed_.string()});
  fs::remove(installed_);
  std::ofstream(installed_) << "notes\n";
  expect_refusal(install(other), 2, {installed_.string(), "is in the way of plugin"});
}

TEST_F(PluginsInstall, GoesOnAfterItWasKilledBeforeTheRecord) {
  fs::create_directories(installed_.parent_path());
  const fs::path source = put("good");
  fs::copy_file(source, installed_);
  const ProgramResult result = install(source);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(plugins({"remove", "boundary_good"}).exit_code, 0);
}

TEST_F(PluginsInstall, SuggestsTheNearestName) {
  ASSERT_EQ(install(put("good")).exit_code, 0);
  expect_refusal(plugins({"remove", "boundary_god"}),
                 2,
                 {"did you mean \"boundary_good\"?", "there are boundary_good"});
}

TEST_F(PluginsInstall, ADamagedRecordIsBegunAnew) {
  const fs::path source = put("good");
  ASSERT_EQ(install(source).exit_code, 0);
  std::ofstream(installed_.parent_path() / "installed.json") << "{\"plugins\": 3}";
  EXPECT_THAT(plugins({"list"}).err, HasSubstr("installed.json: not understood"));
  EXPECT_EQ(install(source).exit_code, 0);
  EXPECT_THAT(plugins({"list"}).err, Not(HasSubstr("installed.json")));
}

TEST_F(PluginsInstall, LeavesWhatALinkLeadsTo) {
  const fs::path source = put("good");
  ASSERT_EQ(install(source).exit_code, 0);
  const fs::path build = put_text("build.so", "somebody's build\n");
  fs::remove(installed_);
  fs::create_symlink(build, installed_);
  EXPECT_EQ(install(source).exit_code, 0);
  EXPECT_EQ(fs::file_size(build), 17U);
  EXPECT_FALSE(fs::is_symlink(installed_));
}

TEST_F(PluginsInstall, RefusesAFolderThatOthersCanWriteTo) {
  fs::create_directories(installed_.parent_path());
  fs::permissions(installed_.parent_path(), fs::perms::all);
  expect_refusal(install(put("good")),
                 2,
                 {"others can write to " + installed_.parent_path().string(), "would not be used"});
}

}  // namespace
}  // namespace mixwright::test
