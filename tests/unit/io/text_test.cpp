#include "framework/io/text.h"

#include <gtest/gtest.h>

namespace mixwright::io {
namespace {

TEST(Text, GroupsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(4096), "4,096");
  EXPECT_EQ(grouped(18446744073709551615ULL), "18,446,744,073,709,551,615");
}

TEST(Text, PrintableKeepsLettersAndEscapesControls) {
  EXPECT_EQ(printable("stages.0 \xC3\xA4\xE2\x82\xAC"), "stages.0 \xC3\xA4\xE2\x82\xAC");
  EXPECT_EQ(printable("a\nb\x1b[31m\x7f"), "a\\nb\\u001b[31m\\u007f");
  EXPECT_EQ(printable("\xC2\x9B"
                      "1m"),
            "\\u009b1m");  // one of the C1 controls
  EXPECT_EQ(printable("a\xFFz"), "a\\xffz");
  EXPECT_EQ(in_quotes("a\"b\\"), "\"a\\\"b\\\\\"");
}

TEST(Text, PrintableIsBounded) {
  EXPECT_EQ(printable("abcdef", 3), "abc…");
  EXPECT_LT(printable(std::string(1'000'000, '\x01')).size(), 200U);
}

TEST(Text, FindsWhatIsNotUtf8) {
  constexpr size_t kNone = std::string_view::npos;
  EXPECT_EQ(find_invalid_utf8(""), kNone);
  EXPECT_EQ(find_invalid_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"), kNone);
  EXPECT_EQ(find_invalid_utf8("\xF4\x8F\xBF\xBF"), kNone);  // U+10FFFF
  EXPECT_EQ(find_invalid_utf8("ab\x80"), 2U);               // no first byte
  EXPECT_EQ(find_invalid_utf8("a\xE2\x82"), 1U);            // cut off
  EXPECT_EQ(find_invalid_utf8("\xC0\xAF"), 0U);             // overlong
  EXPECT_EQ(find_invalid_utf8("\xE0\x80\x80"), 0U);         // overlong
  EXPECT_EQ(find_invalid_utf8("\xED\xA0\x80"), 0U);         // surrogate
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0U);     // above U+10FFFF
}

}  // namespace
}  // namespace mixwright::io
