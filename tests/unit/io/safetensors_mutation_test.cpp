#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/io/safetensors_header.h"
#include "tests/unit/io/io_test_files.h"
#include "tests/unit/io/safetensors_invariants.h"
#include "tests/unit/io/safetensors_mutations.h"

namespace mixwright::io {
namespace {

TEST(SafetensorsMutation, DamagedFilesAreRefusedOrSound) {
  constexpr int kFiles = 20'000;
  SafetensorsMutator mutator(/*seed=*/1);
  int accepted = 0;
  for (int i = 0; i < kFiles; ++i) {
    const std::string bytes = mutator.next();
    try {
      const SafetensorsHeader header = parse_safetensors(as_bytes(bytes), "w");
      ++accepted;
      ASSERT_EQ(broken_invariant(header, bytes.size()), "") << "file " << i << ": " << bytes;
    } catch (const Error& error) {
      const std::string_view text = error.what();
      ASSERT_TRUE(text.starts_with("w: ")) << text;
      ASSERT_LT(text.size(), 1'000U) << text;
      ASSERT_EQ(text.find('\n'), std::string_view::npos) << text;
    }
  }
  // Both happen often, or the mutations prove nothing.
  EXPECT_GT(accepted, kFiles / 50);
  EXPECT_LT(accepted, kFiles / 2);
}

}  // namespace
}  // namespace mixwright::io
