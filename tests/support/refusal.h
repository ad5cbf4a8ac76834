#pragma once

#include <string>
#include <vector>

#include "tests/support/program.h"

namespace mixwright::test {

/// The program was refused something: exit code, one line on standard error that begins with the
/// program's name and holds every one of `words`, no back-trace.
void expect_refusal(const ProgramResult& result,
                    int exit_code,
                    const std::vector<std::string>& words);

}  // namespace mixwright::test
