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

/// Of each moment and sample: [moments, samples].
torch::Tensor energies_of(const RecallStory& story) {
  std::vector<torch::Tensor> rows;
  for (const RecallMoment& moment : story.moments) {
    rows.push_back(moment.energy.to(torch::kFloat64));
  }
  return torch::stack(rows);
}

/// `#RRGGBB` so that lines beneath it are seen.
std::string see_through(const std::string& colour) {
  return "#A0" + colour.substr(1);
}

}  // namespace

void draw_recall(const std::filesystem::path& file, const RecallStory& story) {
  const std::vector<size_t> columns = columns_of(story.moments.size());
  const auto rows = std::min<int64_t>(static_cast<int64_t>(story.names.size()), kMostMoments);
  const torch::Tensor first = as_picture(story.moments.front().shown[0]);
  const int64_t height = first.size(0);
  const int64_t width = first.size(1);
  const auto count =
      static_cast<int64_t>(columns.size()) + static_cast<int64_t>(story.originals.defined());
  torch::Tensor canvas = torch::full({rows * (height + kRecallWords + kRecallGap) + kRecallMargin,
                                      2 * kRecallMargin + count * (width + kRecallGap) - kRecallGap,
                                      3},
                                     255,
                                     torch::kUInt8);
  std::string labels;
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t top = row * (height + kRecallWords + kRecallGap) + kRecallWords;
    for (int64_t column = 0; column < count; ++column) {
      const auto moment = static_cast<size_t>(column);
      const bool original = moment == columns.size();
      const int64_t left = kRecallMargin + column * (width + kRecallGap);
      canvas.narrow(0, top, height)
          .narrow(1, left, width)
          .copy_(as_picture(original ? story.originals[row]
                                     : story.moments[columns[moment]].shown[row]));
      const std::string words =
          original      ? "original"
          : column == 0 ? story.names[static_cast<size_t>(row)]
                        : fmt::format("t = {:.3g}", story.moments[columns[moment]].time);
      labels += label(shortened(words, static_cast<size_t>(width / kLetterPixels), column == 0),
                      left,
                      top - kRecallWords / 2);
    }
  }
  draw_canvas(file, canvas, labels);
}

void draw_recall_energy(const std::vector<std::filesystem::path>& files, const RecallStory& story) {
  std::string text = figure_style() + "set xlabel 'time'\nset ylabel 'energy'\n";
  const bool many = story.names.size() > kMostMoments;
  const torch::Tensor energies = energies_of(story);  // [moments, samples]
  std::string plots;
  const auto add = [&](const torch::Tensor& column, size_t index, const std::string& style) {
    const torch::Tensor values = column.contiguous();
    text += fmt::format("$energy{} << EOD\n", index);
    for (size_t m = 0; m < story.moments.size(); ++m) {
      text +=
          fmt::format("{:.8g} {:.8g}\n", story.moments[m].time, values.const_data_ptr<double>()[m]);
    }
    text += "EOD\n";
    plots += fmt::format(
        "{}$energy{} using 1:2 with lines {}", plots.empty() ? "plot " : ", ", index, style);
  };
  for (size_t sample = 0; sample < story.names.size(); ++sample) {
    const torch::Tensor column = energies.select(1, static_cast<int64_t>(sample));
    if (!many) {
      add(column,
          sample,
          fmt::format("lw 2 lc rgb '{}' title {}",
                      figure_colour(sample),
                      gnuplot_quoted(shortened(story.names[sample], 30, true))));
      continue;
    }
    const std::string title = fmt::format("each of {} samples", story.names.size());
    add(column,
        sample,
        "lw 0.7 lc rgb '" + see_through(figure_colour(0)) + "' " +
            (sample == 0 ? "title " + gnuplot_quoted(title) : "notitle"));
  }
  if (many) {
    add(std::get<0>(energies.median(1)),
        story.names.size(),
        "lw 3 lc rgb '" + figure_colour(1) + "' title 'median'");
  }
  text += many ? "set key inside right top\n" : "set key outside right top\n";
  draw_figure(files, 760, 420, text + plots + "\n");
}

}  // namespace mixwright::train
