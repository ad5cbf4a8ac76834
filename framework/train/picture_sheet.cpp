#include "framework/train/picture_sheet.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "framework/train/canvas.h"
#include "framework/train/canvas_figure.h"
#include "framework/train/gnuplot.h"

namespace mixwright::train {

namespace {

constexpr int64_t kMargin = 16;
constexpr int64_t kHeading = 30;  // above the pictures
constexpr int64_t kBarGap = 5;    // between picture and bar
constexpr int64_t kBar = 4;
constexpr int64_t kWords = 54;  // below the bar: two lines and air
constexpr int64_t kAnswerLine = 13;
constexpr int64_t kNameLine = 31;
constexpr int64_t kGap = 18;      // between columns
constexpr int kAnswerPixels = 8;  // of a letter, on average, in the answers' size
constexpr int kNamePixels = 7;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// Few pictures are shown large; a full sheet is about 1750 pixels wide.
int64_t side_for(int64_t count) {
  if (count <= 2) return 280;
  if (count <= 12) return 200;
  return count <= 40 ? 170 : 156;
}

}  // namespace

std::string shortened(const std::string& text, size_t places, bool keep_end) {
  std::vector<size_t> starts;  // of its characters
  for (size_t i = 0; i < text.size(); ++i) {
    if (begins_character(text[i])) starts.push_back(i);
  }
  if (starts.size() <= places || places < 1) return text;
  if (keep_end) return "…" + text.substr(starts[starts.size() - (places - 1)]);
  return text.substr(0, starts[places - 1]) + "…";
}

PictureSheet::PictureSheet(int64_t count) : side_(side_for(count)) {
  const auto root = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(count) * 1.3)));
  columns_ = count <= 4 ? std::max<int64_t>(1, count) : std::clamp<int64_t>(root, 1, 10);
}

int64_t PictureSheet::left(int64_t place) const {
  return kMargin + (place % columns_) * (side_ + kGap);
}

int64_t PictureSheet::top(int64_t place) const {
  return kHeading + (place / columns_) * (side_ + kBarGap + kBar + kWords);
}

torch::Tensor PictureSheet::scaled(const torch::Tensor& picture) const {
  return scaled_picture(picture, side_);
}

void PictureSheet::add(SheetPicture picture) {
  pictures_.push_back(std::move(picture));
}

void PictureSheet::put(torch::Tensor& canvas, int64_t place) const {
  const SheetPicture& one = pictures_[static_cast<size_t>(place)];
  put_picture(canvas, one.picture, top(place), left(place), side_);
  const int64_t below = top(place) + side_ + kBarGap;
  const double share = std::clamp(one.answer.probability, 0.0, 1.0);
  const auto filled = static_cast<int64_t>(std::lround(share * static_cast<double>(side_)));
  fill(canvas, {below, left(place), kBar, side_}, kPale);
  fill(canvas, {below, left(place), kBar, filled}, kBlue);
}

std::string PictureSheet::labels_of(int64_t place) const {
  const SheetPicture& one = pictures_[static_cast<size_t>(place)];
  const std::string percent = fmt::format("{:.1f} %", 100 * one.answer.probability);
  const auto places = static_cast<size_t>(side_ / kAnswerPixels);
  const std::string answer = shortened(one.answer.label, places - percent.size() - 1);
  const std::string name =
      shortened(one.name, static_cast<size_t>(side_ / kNamePixels), /*keep_end=*/true);
  const int64_t below = top(place) + side_ + kBarGap + kBar;
  return fmt::format(
      "set label {} at {}, {} left front tc rgb '#202020'\n"
      "set label {} at {}, {} right front tc rgb '#202020'\n"
      "set label {} at {}, {} left front font ',9' tc rgb '#808080'\n",
      gnuplot_quoted(answer),
      left(place),
      below + kAnswerLine,
      gnuplot_quoted(percent),
      left(place) + side_,
      below + kAnswerLine,
      gnuplot_quoted(name),
      left(place),
      below + kNameLine);
}

void PictureSheet::draw(const std::filesystem::path& file, const std::string& heading) const {
  const int64_t columns = std::min(columns_, size());
  const int64_t height = top(size() - 1) + side_ + kBarGap + kBar + kWords;
  const int64_t width = 2 * kMargin + columns * (side_ + kGap) - kGap;
  torch::Tensor canvas = torch::full({height, width, 3}, 255, torch::kUInt8);
  std::string labels =
      fmt::format("set label {} at {}, {} left front font ',9' tc rgb '#808080'\n",
                  gnuplot_quoted(shortened(heading, static_cast<size_t>(width / kNamePixels))),
                  kMargin,
                  kHeading / 2);
  for (int64_t i = 0; i < size(); ++i) {
    put(canvas, i);
    labels += labels_of(i);
  }
  draw_canvas(file, canvas, labels);
}

}  // namespace mixwright::train
