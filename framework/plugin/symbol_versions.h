#pragma once

#include <string>
#include <vector>

namespace mixwright::plugin {

/// The oldest runtime libraries that a binary can be loaded with, each "" where it asks for none.
struct OldestRuntimes {
  std::string glibc;      ///< `2.34`
  std::string libstdcxx;  ///< `GLIBCXX_3.4.30`; which release that is, its ABI page says
  std::string cxxabi;     ///< `CXXABI_1.3.13`
};

/// Out of the versions of symbols that it needs, such as `GLIBC_2.34`.
OldestRuntimes oldest_runtimes(const std::vector<std::string>& versions);

}  // namespace mixwright::plugin
