#include "framework/plugin/elf_file.h"

#include <elf.h>

#include <cstring>
#include <random>

#include <gmock/gmock.h>

#include <mixwright/error.h>

#include "tests/unit/plugin/plugin_files.h"

namespace mixwright::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Writes bytes as a file and reads what it says of itself; "" where it is read, else the reason.
class ElfFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = test::fresh_folder();
    good_ = test::read_bytes(test::boundary_library("good"));
    ASSERT_GT(good_.size(), sizeof(Elf64_Ehdr));
  }

  std::string reason(const std::string& bytes) {
    test::write_bytes(folder_ / "file.so", bytes);
    try {
      facts_ = read_elf(io::InputFile(folder_ / "file.so"));
      return {};
    } catch (const UsageError& error) {
      return error.what();
    }
  }

  Elf64_Ehdr header() const {
    Elf64_Ehdr result;
    std::memcpy(&result, good_.data(), sizeof result);
    return result;
  }

  /// The good library with its ELF header changed by `change`.
  template <class Change>
  std::string with_header(const Change& change) const {
    Elf64_Ehdr changed = header();
    change(changed);
    std::string bytes = good_;
    std::memcpy(bytes.data(), &changed, sizeof changed);
    return bytes;
  }

  /// The good library with each program header of one type changed by `change`.
  template <class Change>
  std::string with_segments(uint32_t type, const Change& change) const {
    std::string bytes = good_;
    for (size_t i = 0; i < header().e_phnum; ++i) {
      char* at = bytes.data() + header().e_phoff + i * sizeof(Elf64_Phdr);
      Elf64_Phdr segment;
      std::memcpy(&segment, at, sizeof segment);
      if (segment.p_type == type) change(segment);
      std::memcpy(at, &segment, sizeof segment);
    }
    return bytes;
  }

  fs::path folder_;
  std::string good_;
  ElfFacts facts_;
};

TEST_F(ElfFile, ReadsNoteAndNeededLibraries) {
  ASSERT_EQ(reason(good_), "");
  ASSERT_TRUE(facts_.note);
  EXPECT_THAT(*facts_.note, StartsWith("sdk_abi=1\n"));
  EXPECT_THAT(*facts_.note, HasSubstr("\nname=boundary_good\n"));
  EXPECT_THAT(facts_.needed, Contains("libmixwright_sdk.so"));
  EXPECT_THAT(facts_.versions, Contains(StartsWith("GLIBC_2.")));
  EXPECT_THAT(facts_.versions, Contains(StartsWith("CXXABI_1.")));
}

TEST_F(ElfFile, NeedsNoSectionTable) {
  const std::string bytes = with_header([](Elf64_Ehdr& header) {
    header.e_shoff = 0;
    header.e_shnum = 0;
    header.e_shstrndx = 0;
  });
  ASSERT_EQ(reason(bytes.substr(0, header().e_shoff)), "");
  EXPECT_TRUE(facts_.note);
}

TEST_F(ElfFile, RefusesOtherKindsOfFiles) {
  EXPECT_THAT(reason(""), HasSubstr("is not a shared library"));
  EXPECT_THAT(reason("#!/bin/sh\n"), HasSubstr("is not a shared library"));
  EXPECT_THAT(reason("\x7f"
                     "ELF"),
              HasSubstr("is cut off"));
  EXPECT_THAT(reason(with_header([](Elf64_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS32; })),
              HasSubstr("no 64-bit little-endian"));
  EXPECT_THAT(reason(with_header([](Elf64_Ehdr& h) { h.e_type = ET_REL; })),
              HasSubstr("no shared library"));
  EXPECT_THAT(reason(with_header([](Elf64_Ehdr& h) { h.e_machine = EM_S390; })),
              HasSubstr("built for ELF machine 22, this host runs on"));
}

TEST_F(ElfFile, RefusesTablesThatLeaveTheFile) {
  const std::string cut_off = "is cut off";
  EXPECT_THAT(reason(with_header([](Elf64_Ehdr& h) { h.e_phoff = UINT64_MAX - 8; })),
              HasSubstr(cut_off));
  EXPECT_THAT(reason(with_header([](Elf64_Ehdr& h) { h.e_phnum = 60000; })), HasSubstr(cut_off));
  EXPECT_THAT(reason(with_header([](Elf64_Ehdr& h) { h.e_phnum = 0; })), HasSubstr("malformed"));
  EXPECT_THAT(reason(with_header([](Elf64_Ehdr& h) { h.e_phentsize = 1; })),
              HasSubstr("malformed"));
  EXPECT_THAT(reason(with_segments(PT_LOAD, [](Elf64_Phdr& s) { s.p_filesz = UINT64_MAX; })),
              HasSubstr(cut_off));
  EXPECT_THAT(reason(with_segments(PT_NOTE, [](Elf64_Phdr& s) { s.p_offset = UINT64_MAX - 3; })),
              HasSubstr(cut_off));
  EXPECT_THAT(reason(with_segments(PT_NOTE, [](Elf64_Phdr& s) { s.p_filesz = uint64_t{1} << 40; })),
              HasSubstr("at most 4,194,304 are read"));
  EXPECT_THAT(reason(with_segments(PT_DYNAMIC, [](Elf64_Phdr& s) { s.p_filesz = 1 << 30; })),
              HasSubstr("malformed"));
}

TEST_F(ElfFile, NoteSizesAreNotTrusted) {
  const size_t owner = good_.find(std::string("Mixwright\0", 10));
  ASSERT_NE(owner, std::string::npos);
  for (const size_t field : {owner - 12, owner - 8}) {  // sizes of owner and of text
    std::string bytes = good_;
    std::memset(bytes.data() + field, 0xFF, 4);
    ASSERT_EQ(reason(bytes), "");
    EXPECT_FALSE(facts_.note);
  }
}

TEST_F(ElfFile, EveryCutIsRefusedOrReadWhole) {
  ASSERT_EQ(reason(good_), "");
  const std::string note = *facts_.note;
  size_t refused = 0;
  for (size_t size = 0; size < good_.size(); size += good_.size() / 200 + 1) {
    const std::string why = reason(good_.substr(0, size));
    refused += why.empty() ? 0 : 1;
    // What is left may be the section table alone, which nobody needs.
    if (why.empty()) EXPECT_EQ(facts_.note, note) << size;
  }
  EXPECT_GT(refused, 50u);
}

TEST_F(ElfFile, DamagedHeadersNeverLeaveTheFile) {
  // What counts is that reading ends; the sanitized build watches the memory.
  std::mt19937 random(1);
  const size_t head = header().e_phoff + header().e_phnum * sizeof(Elf64_Phdr);
  size_t refused = 0;
  for (int round = 0; round < 500; ++round) {
    std::string bytes = good_;
    for (int flip = 0; flip < 4; ++flip) {
      bytes[sizeof(Elf64_Ehdr) + random() % (head - sizeof(Elf64_Ehdr))] =
          static_cast<char>(random());
    }
    refused += reason(bytes).empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace mixwright::plugin
