#include "framework/io/event_file.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/io/crc32c.h"
#include "tests/unit/io/io_test_files.h"

namespace mixwright::io {
namespace {

uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return value;
}

/// The messages of a file whose lengths add up; sums are looked at by the real TensorBoard.
std::vector<std::string> messages_of(const std::string& bytes) {
  std::vector<std::string> messages;
  size_t at = 0;
  while (at + 16 <= bytes.size()) {
    const uint64_t size = little_endian(bytes.substr(at, 8));
    if (size > bytes.size() - at - 16) break;
    messages.push_back(bytes.substr(at + 12, size));
    at += 16 + size;
  }
  EXPECT_EQ(at, bytes.size());
  return messages;
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Crc32cTest, AgreesWithTheStandardsExamples) {
  // RFC 3720, B.4, read as little endian.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  std::string up;
  for (int i = 0; i < 32; ++i) up += static_cast<char>(i);
  EXPECT_EQ(crc32c(up), 0x46DD794EU);
  std::reverse(up.begin(), up.end());
  EXPECT_EQ(crc32c(up), 0x113FDB5CU);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);  // the check value that catalogues of CRCs list
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(EventFileTest, FramesARecordAsTensorFlowDoes) {
  const std::string record = tf_record("abc");
  EXPECT_EQ(record.size(), 19U);
  EXPECT_EQ(little_endian(record.substr(0, 8)), 3U);
  const auto mask = [](uint32_t crc) { return (crc >> 15U | crc << 17U) + 0xA282EAD8U; };
  EXPECT_EQ(little_endian(record.substr(8, 4)), mask(crc32c(record.substr(0, 8))));
  EXPECT_EQ(little_endian(record.substr(15, 4)), mask(0x364B3FB7U));  // CRC-32C of "abc"
}

TEST(EventFileTest, BeginsWithVersionAndStartAndAppends) {
  const TemporaryFolder folder;
  EventFile file(folder.path(), 300);
  file.add(301, {{"a", 1.0}});
  const std::vector<std::string> messages = messages_of(read_bytes(file.path()));
  ASSERT_EQ(messages.size(), 3U) << "every record is there at once";
  EXPECT_THAT(messages[0], testing::EndsWith(std::string("\x10\x00\x1a\x0d", 4) + "brain.Event:2"));
  // step 300 = 0b10_0101100, session_log { status: START }
  EXPECT_THAT(messages[1], testing::EndsWith("\x10\xac\x02\x3a\x02\x08\x01"));
  EXPECT_THAT(messages[2],
              testing::EndsWith(std::string("\x10\xad\x02\x2a\x0a\x0a\x08\x0a\x01\x61\x15"
                                            "\x00\x00\x80\x3f",
                                            15)));
}

TEST(EventFileTest, LaterFilesSortBehindEarlierOnes) {
  const TemporaryFolder folder;
  std::vector<std::string> made;
  for (int i = 0; i < 12; ++i) made.push_back(EventFile(folder.path(), 1).path().filename());
  write_bytes(folder / "events.out.tfevents.9000000000.other.1", "");
  made.emplace_back("events.out.tfevents.9000000000.other.1");
  made.push_back(EventFile(folder.path(), 1).path().filename());
  EXPECT_EQ(names_in(folder.path()), made);
  EXPECT_THAT(made.back(), testing::StartsWith("events.out.tfevents.9000000001."));
}

TEST(EventFileTest, SaysThatTheFolderIsMissing) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { EventFile(folder / "absent", 1); }),
              testing::HasSubstr("cannot be created (No such file or directory)"));
}

}  // namespace
}  // namespace mixwright::io
