#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <zlib.h>

#include "framework/fetch/download.h"
#include "framework/fetch/public_dataset.h"
#include "tests/support/file_server.h"
#include "tests/unit/data/idx_writer.h"

namespace mixwright::fetch {

inline std::string bytes_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder, a server on files in it, and downloads that do not wait long.
class FetchScene : public ::testing::Test {
 protected:
  static constexpr size_t kSize = 1'000'000;

  void SetUp() override {
    if (!test::FileServer::is_possible()) GTEST_SKIP() << "needs the project's Python";
    ::setenv("no_proxy", "127.0.0.1", 1);  // a machine's proxy knows nothing of our server
    file_.name = "data.bin";
    file_.size = kSize;
    file_.sha256 = test::serve_bytes(served(), "data.bin", content_);
    options_.pause = std::chrono::milliseconds(1);
    options_.tell = [this](const std::string& line) { told_.push_back(line); };
    server_ = std::make_unique<test::FileServer>(served());
  }

  std::filesystem::path served() const { return folder_ / "served"; }
  std::filesystem::path target() const { return folder_ / "data.bin"; }
  std::filesystem::path part() const { return folder_ / "data.bin.part"; }
  std::string url(const std::string& way) const { return server_->url(way, "data.bin"); }

  uint64_t fetch_by(const std::vector<std::string>& ways) {
    std::vector<std::string> urls;
    for (const std::string& way : ways) urls.push_back(url(way));
    return download(file_, urls, target(), options_);
  }

  /// As if an earlier download had stopped there.
  void leave_part(const std::string& bytes, const std::string& way, const std::string& validator) {
    test::write_file(part(), bytes);
    test::write_file(part().string() + ".from", url(way) + "\n" + validator + "\n");
  }

  void expect_whole() const {
    EXPECT_TRUE(bytes_of_file(target()) == content_);
    EXPECT_FALSE(std::filesystem::exists(part()));
    EXPECT_FALSE(std::filesystem::exists(part().string() + ".from"));
  }

  test::TestFolder folder_{"mixwright-fetch"};
  std::string content_ = test::noise(kSize);
  RemoteFile file_;
  DownloadOptions options_;
  std::vector<std::string> told_;
  std::unique_ptr<test::FileServer> server_;
};

}  // namespace mixwright::fetch
