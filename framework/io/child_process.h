#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mixwright::io {

/// Starts a program, waits for its end and gives its exit code, 128 + signal where one ended it.
/// What it writes goes to the file `messages`; it reads nothing.
/// `program` is looked for along PATH unless it holds a slash.
/// Throws: mixwright::Error where it cannot be started; its text names the program and the reason.
int run_child(const std::string& program,
              const std::vector<std::string>& arguments,
              const std::filesystem::path& messages);

/// The file of the running program.
std::filesystem::path own_program();

/// The last line of such a file that says something, fit for a message.
std::string last_line(const std::filesystem::path& messages);

}  // namespace mixwright::io
