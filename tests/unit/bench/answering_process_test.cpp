#include "framework/bench/answering_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>

#include "tests/support/error_text.h"
#include "tests/support/folder.h"

namespace mixwright::bench {
namespace {

using testing::HasSubstr;

class AnsweringProcessTest : public testing::Test {
 protected:
  /// What becomes of one request to a program of the shell.
  std::string refusal(const std::string& script, int seconds = 60) {
    return test::error_text([&] {
      AnsweringProcess process("sh", {"-c", script}, folder_ / "log");
      process.ask({{"do", "time"}}, std::chrono::seconds(seconds));
    });
  }

  test::TestFolder folder_{"mixwright-bench"};
};

TEST_F(AnsweringProcessTest, AnswersOneRequestAfterTheOther) {
  AnsweringProcess process(
      "sh", {"-c", "while read -r line; do echo \"{\\\"got\\\":$line}\"; done"}, folder_ / "log");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(process.ask({{"i", i}}, std::chrono::seconds(60)).at("got").at("i"), i);
  }
}

TEST_F(AnsweringProcessTest, EveryFailureIsOneLine) {
  EXPECT_EQ(refusal(R"(read -r x; printf '%s\n' '{"error":"too\nlarge"}'; read -r x)"),
            "too\\nlarge");
  EXPECT_EQ(refusal("read -r x; echo one >&2; echo two >&2; exit 7"), "ended with code 7: two");
  EXPECT_THAT(refusal("read -r x; echo hello; read -r x"),
              HasSubstr("gave no answer but \"hello\""));
  EXPECT_THAT(refusal("read -r x; echo '[1]'; read -r x"), HasSubstr("gave no answer but"));
  EXPECT_EQ(refusal("exec cat >/dev/null", 0), "gave no answer in time");
  EXPECT_EQ(refusal("read -r x; yes | tr -d '\\n'"), "gave an answer longer than 1 MB");
}

}  // namespace
}  // namespace mixwright::bench
