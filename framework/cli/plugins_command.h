#pragma once

#include <CLI/CLI.hpp>

#include "framework/cli/globals.h"

namespace mixwright::cli {

/// `plugins list`, `describe`, `check`, `reference`, `paths`; each stands in its own file.
void add_plugins_command(CLI::App& app, Globals& globals);

void add_plugins_list(CLI::App& plugins, Globals& globals);
void add_plugins_describe(CLI::App& plugins, Globals& globals);
void add_plugins_check(CLI::App& plugins, Globals& globals);
void add_plugins_reference(CLI::App& plugins, Globals& globals);
void add_plugins_paths(CLI::App& plugins, Globals& globals);

}  // namespace mixwright::cli
