#pragma once

#include <filesystem>
#include <string>

#include <torch/torch.h>

namespace mixwright::train {

/// Draws pixels as they are, with gnuplot's `labels` over them, whose coordinates are pixels from
/// the top left.
/// Shape: bytes [height, width, 3].
/// Throws: as draw_figure.
void draw_canvas(const std::filesystem::path& file,
                 const torch::Tensor& canvas,
                 const std::string& labels);

}  // namespace mixwright::train
