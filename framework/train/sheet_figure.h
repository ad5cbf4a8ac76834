#pragma once

#include <filesystem>

#include <mixwright/task.h>

namespace mixwright::train {

/// Draws a sheet as rows of pictures, before each what it shows; small pictures are enlarged by a
/// whole factor, so that their pixels stay what they are. Values outside of 0 to 1 are cut.
/// Throws: mixwright::Error for a sheet that is none, else as draw_figure.
void draw_sheet(const std::filesystem::path& file, const Sheet& sheet);

}  // namespace mixwright::train
