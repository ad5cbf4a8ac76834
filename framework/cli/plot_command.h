#pragma once

#include <CLI/CLI.hpp>

#include "framework/cli/globals.h"

namespace mixwright::cli {

void add_plot_command(CLI::App& app, Globals& globals);

}  // namespace mixwright::cli
