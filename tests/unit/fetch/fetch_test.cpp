#include "framework/fetch/fetch.h"

#include "framework/fetch/data_folder.h"
#include "tests/support/error_text.h"
#include "tests/unit/fetch/archives.h"
#include "tests/unit/fetch/fetch_scene.h"

namespace mixwright::fetch {
namespace {

namespace fs = std::filesystem;
using test::error_text;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// A data set of an archive and a plain file.
class Fetch : public FetchScene {
 protected:
  void SetUp() override {
    FetchScene::SetUp();
    if (IsSkipped()) return;
    dataset_.name = "mine";
    dataset_.path = "mine.toml";
    dataset_.title = "Mine";
    dataset_.holds = {"inner/one.bin"};
    add("pack.tar.gz",
        gzipped(tar_entry("inner/one.bin", std::string(5000, 'i')) + tar_entry("two", "2") +
                tar_end()));
    dataset_.files[0].unpack = true;
    dataset_.files[0].unpacked_mb = 1;
    add("plain.gz", test::noise(200'000));
    fetching_.root = root();
    fetching_.download = options_;
  }

  void add(const std::string& name, const std::string& bytes) {
    RemoteFile file;
    file.name = name;
    file.url = server_->url("plain", name);
    file.size = static_cast<int64_t>(bytes.size());
    file.sha256 = test::serve_bytes(served(), name, bytes);
    dataset_.files.push_back(file);
  }

  fs::path root() const { return folder_ / "root"; }
  fs::path there() const { return root() / "mine"; }
  Fetched run() { return fetch(dataset_, fetching_); }
  std::string failure() {
    return error_text([&] { run(); });
  }
  std::vector<std::string> names(const fs::path& folder) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder))
      found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }

  PublicDataset dataset_;
  FetchOptions fetching_;
};

TEST_F(Fetch, UnpacksAndLeavesNothingElse) {
  const Fetched fetched = run();
  EXPECT_EQ(fetched.folder, there());
  EXPECT_FALSE(fetched.was_there);
  EXPECT_EQ(fetched.downloaded_bytes, dataset_.download_bytes());
  EXPECT_EQ(bytes_of_file(there() / "inner/one.bin"), std::string(5000, 'i'));
  EXPECT_EQ(names(there()),
            (std::vector<std::string>{
                ".mixwright.json", ".mixwright.sha256", "inner", "plain.gz", "two"}));
  EXPECT_EQ(names(root()), (std::vector<std::string>{".mine.lock", "mine"}));
}

TEST_F(Fetch, TheSecondTimeCostsNothing) {
  run();
  server_.reset();
  const Fetched fetched = run();
  EXPECT_TRUE(fetched.was_there);
  EXPECT_EQ(fetched.downloaded_bytes, 0u);
}

TEST_F(Fetch, KeepsTheArchiveWhereAsked) {
  fetching_.keep_archive = true;
  run();
  EXPECT_TRUE(fs::exists(there() / "pack.tar.gz"));
  EXPECT_TRUE(fs::exists(there() / "two"));
  fetching_.verify = true;
  EXPECT_TRUE(run().was_there);
}

TEST_F(Fetch, AMirrorTakesThePlaceOfAllAddresses) {
  for (RemoteFile& file : dataset_.files) file.url = "http://127.0.0.1:9/" + file.name;
  fetching_.mirror = "http://127.0.0.1:" + std::to_string(server_->port()) + "/plain";
  EXPECT_FALSE(run().was_there);
  EXPECT_TRUE(fs::exists(there() / "two"));
}

TEST_F(Fetch, AFileThatCannotBeHadLeavesTheOthersForTheNextTime) {
  dataset_.files[1].url = server_->url("status-404", "plain.gz");
  EXPECT_THAT(failure(), HasSubstr("HTTP 404"));
  EXPECT_FALSE(fs::exists(there()));
  dataset_.files[1].url = server_->url("plain", "plain.gz");
  EXPECT_EQ(run().downloaded_bytes, dataset_.files[1].bytes());
}

TEST_F(Fetch, ABadArchiveLeavesNoDataSet) {
  const std::string bad = tar_entry("../inner/one.bin", "x") + tar_end();
  dataset_.files.clear();
  add("bad.tar", bad);
  dataset_.files[0].unpack = true;
  EXPECT_THAT(failure(), HasSubstr("leads out of the folder"));
  EXPECT_FALSE(fs::exists(there()));
}

TEST_F(Fetch, WhatIsPromisedMustBeThere) {
  dataset_.holds = {"inner/absent.bin"};
  EXPECT_THAT(failure(),
              AllOf(HasSubstr("\"inner/absent.bin\" is missing"), HasSubstr("mine.toml")));
  EXPECT_FALSE(fs::exists(there()));
}

TEST_F(Fetch, OurOwnNamesAreNotTakenFromAnArchive) {
  dataset_.files.clear();
  dataset_.holds.clear();
  add("odd.tar", tar_entry(".mixwright.json", "{}") + tar_end());
  dataset_.files[0].unpack = true;
  EXPECT_THAT(failure(), HasSubstr("\".mixwright.json\""));
}

TEST_F(Fetch, OtherPeoplesFoldersStay) {
  fs::create_directories(there());
  test::write_file(there() / "precious", "p");
  EXPECT_THAT(failure(), AllOf(HasSubstr(there().string()), HasSubstr("not fetched by mixwright")));
  EXPECT_EQ(bytes_of_file(there() / "precious"), "p");
  EXPECT_EQ(server_->requests().size(), 0u);
}

TEST_F(Fetch, ANewerVersionTakesThePlaceOfTheOld) {
  run();
  dataset_.files.pop_back();
  add("plain.gz", test::noise(100'000, 2));
  EXPECT_EQ(DataFolder(root(), dataset_).state(), DataFolder::State::kOutdated);
  EXPECT_FALSE(run().was_there);
  EXPECT_EQ(fs::file_size(there() / "plain.gz"), 100'000u);
  EXPECT_EQ(names(root()), (std::vector<std::string>{".mine.lock", "mine"}));
}

TEST_F(Fetch, VerifyFindsAFlippedBit) {
  run();
  fetching_.verify = true;
  EXPECT_TRUE(run().was_there);
  test::write_file(there() / "inner/one.bin", std::string(4999, 'i') + "j");
  EXPECT_THAT(failure(), AllOf(HasSubstr("1 file is damaged"), HasSubstr("\"inner/one.bin\"")));
  fs::remove(there() / "two");
  EXPECT_THAT(failure(), HasSubstr("2 files are damaged or missing"));
}

TEST_F(Fetch, NothingIsDownloadedWithoutRoom) {
  dataset_.files[0].unpacked_mb = 10'000'000;  // 10 TB
  EXPECT_THAT(failure(), AllOf(HasSubstr("bytes needed"), HasSubstr("free"), HasSubstr("--to")));
  EXPECT_EQ(server_->requests().size(), 0u);
}

TEST_F(Fetch, LeftoversOfAKilledCallAreNoHindrance) {
  fs::create_directories(root() / ".mine.partial/content/inner");
  test::write_file(root() / ".mine.partial/content/inner/one.bin", "half");
  run();
  EXPECT_EQ(bytes_of_file(there() / "inner/one.bin"), std::string(5000, 'i'));
}

TEST_F(Fetch, TellsHowFarItIs) {
  std::vector<std::string> phases;
  uint64_t last = 0;
  fetching_.progress = [&](const FetchProgress& progress) {
    if (phases.empty() || phases.back() != progress.phase) phases.push_back(progress.phase);
    if (progress.phase == "downloading") last = progress.done;
    EXPECT_LE(progress.done, progress.total);
  };
  run();
  EXPECT_EQ(phases, (std::vector<std::string>{"downloading", "unpacking"}));
  EXPECT_EQ(last, dataset_.download_bytes());
}

}  // namespace
}  // namespace mixwright::fetch
