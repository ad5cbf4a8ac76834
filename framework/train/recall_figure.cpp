#include "framework/train/recall_figure.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "framework/train/canvas_figure.h"
#include "framework/train/figure.h"
#include "framework/train/gnuplot.h"
#include "framework/train/picture_sheet.h"

namespace mixwright::train {

namespace {

constexpr int64_t kMostMoments = 10;  // rows, and columns
constexpr int64_t kRecallSide = 112;  // of a picture, at least
constexpr int64_t kRecallGap = 8;
constexpr int64_t kRecallMargin = 16;
constexpr int64_t kRecallWords = 24;  // above a row
constexpr int kLetterPixels = 7;

/// The moments that are shown: first, last, and evenly between.
std::vector<size_t> columns_of(size_t moments) {
  std::vector<size_t> chosen;
  const size_t count = std::min<size_t>(moments, kMostMoments);
  for (size_t i = 0; i < count; ++i) {
    chosen.push_back(count == 1 ? 0 : i * (moments - 1) / (count - 1));
  }
  return chosen;
}

/// [H, W, 1 or 3] of any range -> bytes [h, w, 3], enlarged by a whole factor.
torch::Tensor as_picture(const torch::Tensor& shown) {
  const torch::Tensor low = shown.min();
  const torch::Tensor range = (shown.max() - low).clamp_min(1e-12);
  const torch::Tensor bytes = ((shown - low) / range * 255).round().to(torch::kUInt8);
  const int64_t factor = std::max<int64_t>(1, kRecallSide / std::max(bytes.size(0), bytes.size(1)));
  return bytes.expand({-1, -1, 3}).repeat_interleave(factor, 0).repeat_interleave(factor, 1);
}

std::string label(const std::string& text, int64_t x, int64_t y) {
  return fmt::format(
      "set label {} at {}, {} left front font ',9' tc rgb '#606060'\n", gnuplot_quoted(text), x, y);
}

}  // namespace

void draw_recall(const std::filesystem::path& file, const RecallStory& story) {
  const std::vector<size_t> columns = columns_of(story.moments.size());
  const auto rows = std::min<int64_t>(static_cast<int64_t>(story.names.size()), kMostMoments);
  const torch::Tensor first = as_picture(story.moments.front().shown[0]);
  const int64_t height = first.size(0);
  const int64_t width = first.size(1);
  const auto count = static_cast<int64_t>(columns.size());
  torch::Tensor canvas = torch::full({rows * (height + kRecallWords + kRecallGap) + kRecallMargin,
                                      2 * kRecallMargin + count * (width + kRecallGap) - kRecallGap,
                                      3},
                                     255,
                                     torch::kUInt8);
  std::string labels;
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t top = row * (height + kRecallWords + kRecallGap) + kRecallWords;
    for (int64_t column = 0; column < count; ++column) {
      const RecallMoment& moment = story.moments[columns[static_cast<size_t>(column)]];
      const int64_t left = kRecallMargin + column * (width + kRecallGap);
      canvas.narrow(0, top, height).narrow(1, left, width).copy_(as_picture(moment.shown[row]));
      const std::string words = column == 0 ? story.names[static_cast<size_t>(row)]
                                            : fmt::format("t = {:.3g}", moment.time);
      labels += label(shortened(words, static_cast<size_t>(width / kLetterPixels), column == 0),
                      left,
                      top - kRecallWords / 2);
    }
  }
  draw_canvas(file, canvas, labels);
}

void draw_recall_energy(const std::vector<std::filesystem::path>& files, const RecallStory& story) {
  std::string text = figure_style() + "set xlabel 'time'\nset ylabel 'energy'\n";
  std::string plots;
  for (size_t sample = 0; sample < story.names.size(); ++sample) {
    text += fmt::format("$energy{} << EOD\n", sample);
    for (const RecallMoment& moment : story.moments) {
      text += fmt::format("{:.8g} {:.8g}\n",
                          moment.time,
                          moment.energy[static_cast<int64_t>(sample)].item<double>());
    }
    text += "EOD\n";
    plots += fmt::format("{}$energy{} using 1:2 with lines lw 2 lc rgb '{}' title {}",
                         plots.empty() ? "plot " : ", ",
                         sample,
                         figure_colour(sample),
                         gnuplot_quoted(shortened(story.names[sample], 30, true)));
  }
  text += story.names.size() > kMostMoments ? "set key off\n" : "set key outside right top\n";
  draw_figure(files, 760, 420, text + plots + "\n");
}

}  // namespace mixwright::train
