#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mixwright::train {

/// Runs a gnuplot script as a child process.
/// Throws: mixwright::Error where gnuplot is missing or refuses the script, with the first line of
/// what it said.
void run_gnuplot(const std::string& script);

/// A text as a gnuplot string that says it and does nothing: names of files and classes come from
/// strangers, and gnuplot runs what stands in backquotes.
std::string gnuplot_quoted(const std::string& text);

}  // namespace mixwright::train
