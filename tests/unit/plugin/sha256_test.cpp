#include "framework/plugin/sha256.h"

#include <gtest/gtest.h>

#include "tests/unit/plugin/plugin_files.h"

namespace mixwright::plugin {
namespace {

std::string sum_of(const std::string& text) {
  Sha256 sum;
  sum.add(text.data(), text.size());
  return sum.hex();
}

// FIPS 180-4's own examples (NIST, "SHA256.pdf" of the example values), and the empty message.
TEST(Sha256, GivesThePublishedSums) {
  EXPECT_EQ(sum_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sum_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sum_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sum_of(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  const std::string text(1000, 'q');
  Sha256 sum;
  for (size_t at = 0; at < text.size();) {
    const size_t count = std::min<size_t>(at % 97 + 1, text.size() - at);
    sum.add(text.data() + at, count);
    at += count;
  }
  EXPECT_EQ(sum.hex(), sum_of(text));
}

TEST(Sha256, OfAFileIsThatOfItsBytes) {
  const auto file = test::fresh_folder() / "file";
  const std::string text(3'000'001, 'z');
  test::write_bytes(file, text);
  EXPECT_EQ(sha256_of_file(file), sum_of(text));
}

}  // namespace
}  // namespace mixwright::plugin
