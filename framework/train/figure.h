#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <torch/torch.h>

namespace mixwright::train {

/// Okabe and Ito's colours (2008), which colour-blind readers tell apart; they begin again after
/// the last.
std::string figure_colour(size_t index);

/// What every picture of ours begins with: grey frame to the left and below, quiet grid.
std::string figure_style();

/// What has to be seen of an axis.
struct AxisRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value);
};

/// The axis of bars: from 0, unless bars would nearly fill it and tell nothing; then it is cut,
/// which the picture has to say.
AxisRange bar_axis(const AxisRange& seen);

/// Draws gnuplot's `commands` once for each file, whose ending, .png or .svg, says how. A file is
/// replaced as a whole: who looks at it while it is drawn sees the one before.
/// Throws: UsageError for another ending, mixwright::Error as run_gnuplot and where nothing can be
/// written.
void draw_figure(const std::vector<std::filesystem::path>& files,
                 int width,
                 int height,
                 const std::string& commands);

/// Writes bytes [H, W, 1 or 3] as a PNG file, replaced as a whole.
/// Throws: mixwright::Error where it cannot be written.
void write_picture_file(const std::filesystem::path& file, const torch::Tensor& picture);

/// Removes pictures from `folder` that processes had begun to draw which are no more.
void remove_unfinished_figures(const std::filesystem::path& folder);

}  // namespace mixwright::train
