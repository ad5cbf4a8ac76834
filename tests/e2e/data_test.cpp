// `mixwright data` through the program: what it fetches comes from a server on the loopback
// address, tests/support/file_server.py.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/training_scene.h"
#include "tests/support/file_server.h"
#include "tests/support/refusal.h"

namespace mixwright::e2e {
namespace {

namespace fs = std::filesystem;
using test::expect_refusal;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kSize = 2'000'000;

class Data : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!test::FileServer::is_possible()) GTEST_SKIP() << "needs the project's Python";
    sum_ = test::serve_bytes(folder_ / "served", "data.bin", content_);
    server_ = std::make_unique<test::FileServer>(folder_ / "served");
    describe("plain");
  }

  /// A data set of one file that is served in one of the server's ways.
  void describe(const std::string& way, const std::string& more = "") {
    test::write_file(description(),
                     "title = \"Mine\"\nlicense = \"CC0\"\nuse = '''\n[data]\ntype = \"idx\"\n"
                     "folder = \"{folder}\"\n'''\n\n[[file]]\nurl = \"" +
                         server_->url(way, "data.bin") + "\"\nsize = " + std::to_string(kSize) +
                         "\nsha256 = \"" + sum_ + "\"\n" + more);
  }

  fs::path description() const { return folder_ / "mine.toml"; }
  fs::path root() const { return folder_ / "root"; }
  fs::path part() const { return root() / ".mine.partial" / "data.bin.part"; }
  std::map<std::string, std::string> environment() const {
    return {{"MIXWRIGHT_DATA", root().string()}, {"no_proxy", "127.0.0.1"}};
  }

  test::ProgramResult data(const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {"data"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return test::run_program(program(), words, {environment(), folder_.path()});
  }

  /// Starts `data fetch mine.toml` and leaves it running; what it says goes to a file.
  pid_t start() const {
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (const auto& [name, value] : environment()) ::setenv(name.c_str(), value.c_str(), 1);
      const int log = ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
      ::dup2(log, STDOUT_FILENO);
      ::dup2(log, STDERR_FILENO);
      ::execl(program().c_str(), "mixwright", "data", "fetch", description().c_str(), nullptr);
      ::_exit(127);
    }
    return child;
  }

  /// Waits until so much has come, a minute at most.
  bool wait_for_part(uintmax_t bytes) const {
    std::error_code error;
    for (int i = 0; i < 6000; ++i) {
      const uintmax_t size = fs::file_size(part(), error);
      if (!error && size >= bytes) return true;
      ::poll(nullptr, 0, 10);  // milliseconds
    }
    return false;
  }

  std::string log() const { return bytes_of(folder_ / "log"); }
  static std::string bytes_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void expect_fetched() const {
    EXPECT_TRUE(bytes_of(root() / "mine" / "data.bin") == content_);
    EXPECT_FALSE(fs::exists(root() / ".mine.partial"));
  }

  test::TestFolder folder_{"mixwright-data"};
  std::string content_ = test::noise(kSize);
  std::string sum_;
  std::unique_ptr<test::FileServer> server_;
};

TEST_F(Data, FetchedOnceAndThenThere) {
  const auto first = data({"fetch", "mine.toml"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out,
              AllOf(HasSubstr("mine: Mine\nfetched: " + (root() / "mine").string()),
                    HasSubstr("licence: CC0"),
                    HasSubstr("folder = \"" + (root() / "mine").string() + "\"")));
  expect_fetched();
  server_.reset();
  const auto second = data({"fetch", "mine.toml", "--verify"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("already there: "));
}

TEST_F(Data, AsJson) {
  const auto result = data({"fetch", "mine.toml", "--json"});
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json[0]["folder"], (root() / "mine").string());
  EXPECT_EQ(json[0]["downloaded_bytes"], kSize);
  EXPECT_EQ(json[0]["was_there"], false);
  const auto list = nlohmann::json::parse(data({"list", "--json"}).out);
  EXPECT_GE(list.size(), 4u);
  for (const auto& dataset : list) {
    EXPECT_EQ(dataset["fetched"], false);
    EXPECT_GT(dataset["download_bytes"], 1'000'000);
  }
}

TEST_F(Data, KilledMidwayItGoesOn) {
  describe("stall-700000");
  const pid_t process = start();
  ASSERT_TRUE(wait_for_part(700'000));
  ::kill(process, SIGKILL);
  wait_for_end(process);
  EXPECT_FALSE(fs::exists(root() / "mine"));
  EXPECT_THAT(data({"list"}).out, Not(HasSubstr("mine")));

  const auto result = data({"fetch", "mine.toml", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)[0]["downloaded_bytes"], kSize - 700'000);
  expect_fetched();
  EXPECT_EQ(server_->requests().at(0).range, "bytes=700000-");
}

TEST_F(Data, CtrlCLeavesWhatHasCome) {
  describe("stall-700000");
  const pid_t process = start();
  ASSERT_TRUE(wait_for_part(700'000));
  ::kill(process, SIGINT);
  const int status = wait_for_end(process);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_THAT(log(), HasSubstr("mine: stopped by SIGINT; the same command goes on"));
  EXPECT_EQ(fs::file_size(part()), 700'000u);
  EXPECT_EQ(data({"fetch", "mine.toml"}).exit_code, 0);
  expect_fetched();
}

TEST_F(Data, TwoAtOnceFetchOnce) {
  describe("once-700000");  // holds the first one up for the pause before its second attempt
  const pid_t first = start();
  ASSERT_TRUE(wait_for_part(700'000));
  const pid_t second = start();
  for (const pid_t process : {first, second}) {
    const int status = wait_for_end(process);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << log();
  }
  expect_fetched();
  EXPECT_EQ(server_->wait_for_requests(2).size(), 2u);
  EXPECT_EQ(server_->sent(), kSize);
  EXPECT_THAT(log(), AllOf(HasSubstr("fetched: "), HasSubstr("already there: ")));
}

TEST_F(Data, RefusalsAreOneLine) {
  describe("status-404");
  expect_refusal(data({"fetch", "mine.toml"}),
                 1,
                 {"cannot fetch data.bin", "/status-404/data.bin: HTTP 404", "--mirror"});
  describe("wrong");
  expect_refusal(data({"fetch", "mine.toml"}), 1, {"SHA-256", sum_ + " expected", "deleted"});
  describe("plain", "unpack = true\n");
  expect_refusal(data({"fetch", "mine.toml"}), 1, {"data.bin: refused: damaged or no archive"});
  expect_refusal(data({"fetch", "mnits"}), 2, {"\"mnits\"", "did you mean \"mnist\"?"});
  expect_refusal(data({"fetch", "absent.toml"}), 2, {"absent.toml", "No such file or directory"});
  EXPECT_FALSE(fs::exists(root() / "mine"));
}

TEST_F(Data, AFolderThatCannotBeWritten) {
  test::write_file(folder_ / "file", "in the way");
  expect_refusal(data({"fetch", "mine.toml", "--to", (folder_ / "file").string()}),
                 1,
                 {(folder_ / "file").string()});
}

TEST_F(Data, AMirrorServesTheKnownSets) {
  const auto result = data({"fetch",
                            "mnist",
                            "--mirror",
                            "http://127.0.0.1:" + std::to_string(server_->port()) + "/status-404"});
  expect_refusal(result, 1, {"/status-404/train-images-idx3-ubyte.gz: HTTP 404"});
}

// What the descriptions say is a config that the components understand, and the place is right.
TEST_F(Data, TheLinesOfEveryKnownSetAreAConfig) {
  const auto list = nlohmann::json::parse(data({"list", "--json"}).out);
  for (const auto& dataset : list) {
    const std::string name = dataset["name"];
    const std::string text = bytes_of(dataset["described_in"].get<std::string>());
    const size_t begin = text.find("use = '''") + 9;
    std::string lines = text.substr(begin, text.find("'''", begin) - begin);
    for (size_t at = 0; (at = lines.find("{folder}")) != std::string::npos;) {
      lines.replace(at, 8, "/data/" + name);
    }
    test::write_file(folder_ / "run.toml",
                     "format = 1\nname = \"x\"\n" + lines +
                         "\n[train]\ntask = \"classification\"\n[model]\nhead = \"classifier\"\n"
                         "[[model.stage]]\nembedding = { type = \"patch\", size = 4 }\ndim = 16\n"
                         "depth = 1\nblock = \"parallel\"\ntoken_mixer = \"pooling\"\n");
    const auto checked =
        test::run_program(program(), {"config", "check", (folder_ / "run.toml").string()});
    // All that is wrong is that it has not been fetched.
    expect_refusal(checked, 2, {"/data/" + name + "/", "cannot be opened: No such file"});
  }
}

}  // namespace
}  // namespace mixwright::e2e
