#include "framework/plugin/symbol_versions.h"

#include <gtest/gtest.h>

namespace mixwright::plugin {
namespace {

TEST(SymbolVersions, NewestOfEachLibraryCounts) {
  const OldestRuntimes oldest = oldest_runtimes({"GLIBC_2.4",
                                                 "GLIBC_2.34",
                                                 "GLIBC_2.3.4",
                                                 "GLIBCXX_3.4.9",
                                                 "GLIBCXX_3.4.30",
                                                 "CXXABI_1.3",
                                                 "CXXABI_1.3.13",
                                                 "GCC_12.0"});
  EXPECT_EQ(oldest.glibc, "2.34");
  EXPECT_EQ(oldest.libstdcxx, "GLIBCXX_3.4.30");
  EXPECT_EQ(oldest.cxxabi, "CXXABI_1.3.13");
}

TEST(SymbolVersions, WhatIsNoNumberDoesNotCount) {
  const OldestRuntimes oldest = oldest_runtimes(
      {"GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR", "GLIBC_2.", "GLIBC_", "GLIBC_2.x", "CXXABI_FLOAT128"});
  EXPECT_EQ(oldest.glibc, "");
  EXPECT_EQ(oldest.cxxabi, "");
  EXPECT_EQ(oldest_runtimes({}).libstdcxx, "");
}

}  // namespace
}  // namespace mixwright::plugin
