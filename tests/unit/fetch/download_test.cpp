#include "framework/fetch/download.h"

#include "framework/fetch/part_file.h"
#include "tests/support/error_text.h"
#include "tests/unit/fetch/fetch_scene.h"

namespace mixwright::fetch {
namespace {

using test::error_text;
using test::ServedRequest;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Download : public FetchScene {};

TEST_F(Download, AWholeFile) {
  EXPECT_EQ(fetch_by({"plain"}), kSize);
  expect_whole();
  EXPECT_EQ(server_->wait_for_requests(1)[0].range, "");
}

TEST_F(Download, AFileThatIsThereCostsNoRequest) {
  fetch_by({"plain"});
  server_->wait_for_requests(1);
  EXPECT_EQ(fetch_by({"plain"}), 0u);
  EXPECT_EQ(server_->requests().size(), 1u);
}

TEST_F(Download, ADamagedFileUnderTheNameIsFetchedAgain) {
  test::write_file(target(), std::string(kSize, 'x'));
  EXPECT_EQ(fetch_by({"plain"}), kSize);
  expect_whole();
}

TEST_F(Download, ABrokenConnectionCostsOnlyWhatIsMissing) {
  EXPECT_EQ(fetch_by({"once-300000"}), kSize);
  expect_whole();
  const std::vector<ServedRequest> requests = server_->wait_for_requests(2);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[1].range, "bytes=300000-");
  EXPECT_EQ(requests[1].if_range, "\"1\"");
  EXPECT_EQ(requests[1].status, 206);
  EXPECT_EQ(server_->sent(), kSize);
  EXPECT_THAT(told_, ::testing::ElementsAre(HasSubstr("trying again")));
}

TEST_F(Download, AConnectionThatBreaksAgainAndAgainGetsThere) {
  fetch_by({"cut-130000"});
  expect_whole();
  EXPECT_EQ(server_->wait_for_requests(8).size(), 8u);
  EXPECT_EQ(server_->sent(), kSize);
}

TEST_F(Download, AttemptsThatBringNothingNewAreCounted) {
  EXPECT_THAT(error_text([&] { fetch_by({"cut-0"}); }), HasSubstr("(3 attempts)"));
  EXPECT_EQ(server_->wait_for_requests(3).size(), 3u);
  EXPECT_FALSE(std::filesystem::exists(part()));
}

TEST_F(Download, GoesOnWhereAnEarlierOneStopped) {
  leave_part(content_.substr(0, 400'000), "plain", "\"1\"");
  EXPECT_EQ(fetch_by({"plain"}), kSize - 400'000);
  expect_whole();
  EXPECT_EQ(server_->wait_for_requests(1)[0].range, "bytes=400000-");
}

TEST_F(Download, WithoutAnETagTheDateMustAgree) {
  for (const char* way : {"date", "weak"}) {
    leave_part(content_.substr(0, 5), way, "Thu, 31 Aug 2017 10:50:27 GMT");
    EXPECT_EQ(fetch_by({way}), kSize - 5) << way;
    std::filesystem::remove(target());
  }
}

TEST_F(Download, ThePromiseOfAWeakETagIsTooLittle) {
  options_.stopped = [this] { return std::filesystem::exists(part().string() + ".from"); };
  EXPECT_THROW(fetch_by({"weak"}), Stopped);
  EXPECT_THAT(bytes_of_file(part().string() + ".from"), HasSubstr("Thu, 31 Aug 2017"));
}

TEST_F(Download, AFileThatChangedIsFetchedAnew) {
  leave_part(std::string(400'000, 'o'), "plain", "\"0\"");
  EXPECT_EQ(fetch_by({"plain"}), kSize);
  expect_whole();
  const std::vector<ServedRequest> requests = server_->wait_for_requests(1);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].if_range, "\"0\"");
  EXPECT_EQ(requests[0].status, 200);
}

TEST_F(Download, AServerWithoutRangesSendsTheWholeFile) {
  leave_part(content_.substr(0, 400'000), "whole", "\"1\"");
  EXPECT_EQ(fetch_by({"whole"}), kSize);
  expect_whole();
}

TEST_F(Download, ARangeThatWasNotAskedForIsNotTaken) {
  leave_part(content_.substr(0, 400'000), "shifted", "\"1\"");
  EXPECT_THAT(error_text([&] { fetch_by({"shifted"}); }), HasSubstr("another part of the file"));
  EXPECT_EQ(fetch_by({"shifted"}), kSize);  // from its beginning
  expect_whole();
}

TEST_F(Download, APartThatDoesNotFitIsFetchedAnew) {
  leave_part(std::string(400'000, 'o'), "elsewhere", "");
  EXPECT_EQ(fetch_by({"plain"}), 2 * kSize - 400'000);
  expect_whole();
  EXPECT_THAT(told_, ::testing::ElementsAre(HasSubstr("fetching it anew")));
}

TEST_F(Download, APartThatIsWholeAndDamagedIsFetchedAnew) {
  leave_part(std::string(kSize, 'o'), "plain", "\"1\"");
  EXPECT_EQ(fetch_by({"plain"}), kSize);
  expect_whole();
}

TEST_F(Download, APartThatIsWholeIsOnlyVerified) {
  leave_part(content_, "plain", "\"1\"");
  EXPECT_EQ(fetch_by({"plain"}), 0u);
  expect_whole();
  EXPECT_EQ(server_->requests().size(), 0u);
}

TEST_F(Download, APartThatIsTooLongIsFetchedAnew) {
  leave_part(content_ + "more", "plain", "\"1\"");
  EXPECT_EQ(fetch_by({"plain"}), kSize);
  expect_whole();
}

TEST_F(Download, AWrongChecksumNamesBothAndLeavesNothing) {
  EXPECT_THAT(
      error_text([&] { fetch_by({"wrong"}); }),
      AllOf(HasSubstr("SHA-256"), HasSubstr(file_.sha256 + " expected"), HasSubstr("/wrong/")));
  EXPECT_EQ(server_->wait_for_requests(1).size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(target()));
  EXPECT_FALSE(std::filesystem::exists(part()));
}

TEST_F(Download, WhatIsLongerThanItMayBeIsNotTaken) {
  EXPECT_THAT(error_text([&] { fetch_by({"larger"}); }),
              HasSubstr("has 1,000,004 bytes there, 1,000,000 expected"));
  EXPECT_THAT(error_text([&] { fetch_by({"long"}); }),
              HasSubstr("sends more than the 1,000,000 bytes expected"));
  EXPECT_FALSE(std::filesystem::exists(part()));
}

TEST_F(Download, WhatEndsTooEarlyIsAskedForAgain) {
  EXPECT_THAT(error_text([&] { fetch_by({"short-1000"}); }),
              HasSubstr("ends after 1,000 of 1,000,000 bytes (3 attempts)"));
  EXPECT_EQ(server_->wait_for_requests(3).size(), 3u);
}

TEST_F(Download, TheNextAddressIsAskedWhereOneDoesNotHaveIt) {
  EXPECT_EQ(fetch_by({"status-404", "wrong", "plain"}), 2 * kSize);
  expect_whole();
  EXPECT_THAT(told_[0], AllOf(HasSubstr("HTTP 404 (not found)"), HasSubstr("next address")));
}

TEST_F(Download, AMirrorGoesOnWhereTheFirstBrokeOff) {
  options_.attempts = 1;
  EXPECT_EQ(fetch_by({"cut-65000", "plain"}), kSize);
  expect_whole();
  EXPECT_EQ(server_->wait_for_requests(2)[1].range, "bytes=65000-");
  EXPECT_EQ(server_->requests()[1].if_range, "");  // a mirror's ETag is another
}

TEST_F(Download, EveryAddressIsInTheMessage) {
  EXPECT_THAT(error_text([&] { fetch_by({"status-404", "status-403"}); }),
              AllOf(HasSubstr("cannot fetch data.bin: " + url("status-404") + ": HTTP 404"),
                    HasSubstr(url("status-403") + ": HTTP 403"),
                    HasSubstr("--mirror")));
  EXPECT_EQ(server_->wait_for_requests(2).size(), 2u);
}

TEST_F(Download, ABusyServerIsAskedAgain) {
  EXPECT_EQ(fetch_by({"busy-2"}), kSize);
  EXPECT_EQ(server_->wait_for_requests(3).size(), 3u);
  std::filesystem::remove(target());
  EXPECT_THAT(error_text([&] { fetch_by({"busy-9"}); }), HasSubstr("HTTP 503"));
}

TEST_F(Download, RedirectsAreFollowedWithinHttp) {
  EXPECT_EQ(fetch_by({"to-plain"}), kSize);
  std::filesystem::remove(target());
  EXPECT_THAT(error_text([&] { fetch_by({"to-self"}); }), HasSubstr("redirects"));
  EXPECT_THAT(error_text([&] { fetch_by({"to-file"}); }), HasSubstr("file"));
  EXPECT_FALSE(std::filesystem::exists(target()));
}

TEST_F(Download, AServerThatFallsSilentIsGivenUp) {
  options_.stall_limit = std::chrono::seconds(1);
  EXPECT_EQ(fetch_by({"stall-200000"}), kSize);
  expect_whole();
  EXPECT_THAT(told_, ::testing::ElementsAre(HasSubstr("too slow")));
}

TEST_F(Download, WhatHasComeStaysWhenItIsStopped) {
  uint64_t there = 0;
  options_.progress = [&](uint64_t bytes) { there = bytes; };
  options_.stopped = [&] { return there >= 300'000; };
  EXPECT_THROW(fetch_by({"drip-300000"}), Stopped);
  const uint64_t kept = std::filesystem::file_size(part());
  EXPECT_GE(kept, 300'000u);
  options_.stopped = [] { return false; };
  EXPECT_EQ(fetch_by({"plain"}), kSize - kept);
  expect_whole();
}

TEST_F(Download, NobodyListens) {
  const std::string address = url("plain");
  server_.reset();
  EXPECT_THAT(error_text([&] { download(file_, {address}, target(), options_); }),
              AllOf(HasSubstr(address), HasSubstr("onnect"), HasSubstr("(3 attempts)")));
}

/// A certificate for 127.0.0.1 that nobody vouches for; false where there is no openssl.
bool make_certificate(const std::filesystem::path& folder) {
  const std::string command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test "
      "-addext subjectAltName=IP:127.0.0.1 -keyout '" +
      (folder / "key.pem").string() + "' -out '" + (folder / "cert.pem").string() + "' 2>/dev/null";
  return std::system(command.c_str()) == 0;
}

TEST_F(Download, CertificatesAreVerifiedAndHttpsStaysHttps) {
  if (!make_certificate(folder_.path())) GTEST_SKIP() << "needs the program openssl";
  test::serve_bytes(folder_ / "secure", "data.bin", content_);
  const test::FileServer secure(folder_ / "secure", folder_ / "cert.pem", folder_ / "key.pem");
  const auto get = [&](const std::string& way) {
    return error_text([&] { download(file_, {secure.url(way, "data.bin")}, target(), options_); });
  };
  EXPECT_THAT(get("plain"), HasSubstr("certificate"));
  EXPECT_FALSE(std::filesystem::exists(target()));
  ::setenv("CURL_CA_BUNDLE", (folder_ / "cert.pem").c_str(), 1);
  EXPECT_THAT(get("to-URL-" + std::to_string(server_->port())), HasSubstr("http"));
  EXPECT_EQ(server_->requests().size(), 0u);
  EXPECT_EQ(get("plain"), "");
  ::unsetenv("CURL_CA_BUNDLE");
  expect_whole();
}

TEST(ContentRange, IsReadStrictly) {
  const auto whole = parse_content_range("bytes 100-199/200");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->from, 100u);
  EXPECT_EQ(whole->total, 200u);
  EXPECT_FALSE(parse_content_range("bytes 100-199/*")->total);
  for (const char* wrong :
       {"", "bytes", "bytes */200", "bytes 1-2/3x", "bytes -1-2/3", "lines 1-2/3"}) {
    EXPECT_FALSE(parse_content_range(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace mixwright::fetch
