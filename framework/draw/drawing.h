#pragma once

#include <string>

#include "framework/config/run_config.h"
#include "framework/draw/outline.h"
#include "framework/model/assemble.h"

namespace mixwright::draw {

/// The outline of a config's network. Nothing is allocated or computed unless a part cannot do
/// without; see model::summarize.
/// Throws: BuildError that names the part where something does not fit.
Outline outline(const config::RunConfig& config,
                const model::InputSignal& input,
                const model::PartFactory& factory,
                const std::string& name);

/// A block diagram as an SVG picture about as wide as a page: stages from top to bottom on the left
/// with what goes from one to the next, and beside them what is in each make of block, once.
std::string drawing(const Outline& outline);

}  // namespace mixwright::draw
