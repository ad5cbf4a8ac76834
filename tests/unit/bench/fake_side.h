#pragma once

#include <string>

#include "framework/bench/contest.h"
#include "tests/support/folder.h"

namespace mixwright::bench::test_sides {

/// A side that copies the file `answer`, takes a quarter of a second by its own account, and writes
/// its name into `log` at each of its turns. It needs a shell and nothing else.
inline constexpr const char* kFake = R"(
while read -r line; do
  case $line in
  *'"do":"answer"'*) out=${line##*'"output":"'}; cp "$1" "${out%%'"'*}" && echo '{}' || exit 3;;
  *'"do":"time"'*) echo "$0" >>"$2"; echo '{"seconds":[0.25],"memory_mb":7}';;
  *) echo '{"form":"fake"}';;
  esac
done)";

inline Contestant fake(const std::string& name,
                       const std::filesystem::path& answer,
                       const std::filesystem::path& log) {
  return {name, "sh", {"-c", kFake, name, answer.string(), log.string()}, {}};
}

}  // namespace mixwright::bench::test_sides
