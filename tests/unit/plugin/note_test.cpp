#include "framework/plugin/note.h"

#include <gmock/gmock.h>

#include <mixwright/error.h>
#include <mixwright/plugin.h>

#include "framework/plugin/compatibility.h"

namespace mixwright::plugin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kHead =
    "sdk_abi=1\nlibtorch=2.13.0\nstandard_library=libstdc++\nlibrary_abi=1\nsanitizer=none\n"
    "compiler=clang 19\nassertions=off\nname=first\nversion=1.0.0\nlicense=MIT\n";
constexpr const char* kComponent =
    "component=token_mixer\tpool\t2\t3\t1\t2\taverages\tarXiv:2111.11418\n";

std::string reason(const std::string& text) {
  try {
    parse_note(text, 1);
    return {};
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Note, IsReadInFull) {
  const PluginNote note = parse_note(
      std::string(kHead) + "authors=A. Author\nurl=https://example.org\n" + kComponent, 1);
  EXPECT_EQ(note.sdk_abi, 1);
  EXPECT_EQ(note.libtorch, "2.13.0");
  EXPECT_EQ(note.compiler, "clang 19");
  EXPECT_EQ(note.name, "first");
  EXPECT_EQ(note.authors, "A. Author");
  EXPECT_EQ(note.url, "https://example.org");
  ASSERT_EQ(note.components.size(), 1u);
  const ComponentFact& fact = note.components[0];
  EXPECT_EQ(fact.kind, "token_mixer");
  EXPECT_EQ(fact.name, "pool");
  EXPECT_EQ(fact.revision, 2);
  EXPECT_EQ(fact.needs, kFixedTokens | kCausal);
  EXPECT_EQ(fact.lowest_rank, 1);
  EXPECT_EQ(fact.highest_rank, 2);
  EXPECT_EQ(fact.summary, "averages");
  EXPECT_EQ(fact.source, "arXiv:2111.11418");
  EXPECT_THAT(needs_keys(fact.needs), ElementsAre("fixed_tokens", "causal"));
  EXPECT_EQ(needs_text(fact.needs), "fixed tokens, causal");
  EXPECT_EQ(rank_text(fact), "1 to 2");
}

TEST(Note, UnknownKeysAreSkipped) {
  EXPECT_EQ(reason(std::string(kHead) + "colour=blue\n" + kComponent), "");
}

TEST(Note, MalformedOnesAreRefused) {
  const std::string head = kHead;
  EXPECT_THAT(reason(""), HasSubstr("sdk_abi is missing"));
  EXPECT_THAT(reason("sdk_abi=one\n"), HasSubstr("sdk_abi is \"one\", a number expected"));
  EXPECT_THAT(reason(head), HasSubstr("lists no components"));
  EXPECT_THAT(reason(head + "nonsense\n" + kComponent), HasSubstr("no key in \"nonsense\""));
  EXPECT_THAT(reason(head + "component=block\tx\t1\n"), HasSubstr("another number of fields"));
  EXPECT_THAT(reason(head + "component=block\tx\tq\t0\t1\t3\ts\ts\n"), HasSubstr("a revision is"));
  EXPECT_THAT(reason(head + "component=block\ta:b\t1\t0\t1\t3\ts\ts\n"),
              HasSubstr("a component's name is \"a:b\""));
  EXPECT_THAT(reason(head + kComponent + kComponent),
              HasSubstr("offers the token mixer \"pool\" twice"));
  EXPECT_THAT(reason(head + "url=\x1b[31mred\n" + kComponent), HasSubstr("control characters"));
  EXPECT_THAT(reason(head + "url=\xff\n" + kComponent), HasSubstr("no UTF-8"));
}

TEST(Note, OfAnotherAbiIsReadAsFarAsItIsUnderstood) {
  const PluginNote note = parse_note("sdk_abi=7\nname=later\ncomponent=whatever\n", 1);
  EXPECT_EQ(note.sdk_abi, 7);
  EXPECT_EQ(note.name, "later");
  EXPECT_TRUE(note.components.empty());
}

class CompatibilityTest : public ::testing::Test {
 protected:
  Compatibility against_host() const { return compare(note_, host_, "/somewhere/libfirst.so"); }

  PluginNote note_ = parse_note(std::string(kHead) + kComponent, 1);
  HostStamp host_ = {1, "2.13.0", "libstdc++", "1", "none", "clang 19", "off"};
};

TEST_F(CompatibilityTest, EqualStampsFit) {
  const Compatibility result = against_host();
  EXPECT_EQ(result.refusal, "");
  EXPECT_TRUE(result.warnings.empty());
}

TEST_F(CompatibilityTest, WhatMustBeEqualIsNamedWithBothValuesAndTheCure) {
  host_.libtorch = "2.14.0";
  EXPECT_THAT(against_host().refusal,
              StartsWith("built for LibTorch 2.13.0, this host runs 2.14.0; rebuild it with the "
                         "SDK of this installation: cmake"));
  host_.sdk_abi = 2;
  EXPECT_THAT(against_host().refusal,
              StartsWith("built for SDK ABI 1, this host has 2, and built for LibTorch 2.13.0"));
}

TEST_F(CompatibilityTest, StandardLibraryItsAbiAndSanitizersMustBeEqual) {
  host_.standard_library = "libc++";
  EXPECT_THAT(against_host().refusal,
              StartsWith("built with the standard library libstdc++, this host with libc++; "));
  host_.standard_library = "libstdc++";
  host_.library_abi = "0";
  EXPECT_THAT(against_host().refusal,
              StartsWith("built with the libstdc++ ABI flag 1, this host with 0; "));
  host_.library_abi = "1";
  host_.sanitizer = "address";
  EXPECT_THAT(against_host().refusal,
              StartsWith("built with no sanitizer, this host with AddressSanitizer; "));
}

TEST_F(CompatibilityTest, CompilerAndAssertionsAreWarnedOf) {
  host_.compiler = "gcc 12";
  host_.assertions = "on";
  const Compatibility result = against_host();
  EXPECT_EQ(result.refusal, "");
  EXPECT_THAT(result.warnings,
              ElementsAre("built by clang 19, this host by gcc 12",
                          "built with assertions off, this host with assertions on"));
}

}  // namespace
}  // namespace mixwright::plugin
