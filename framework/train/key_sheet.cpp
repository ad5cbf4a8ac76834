#include "framework/train/key_sheet.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "framework/train/canvas_figure.h"
#include "framework/train/gnuplot.h"
#include "framework/train/picture_sheet.h"

namespace mixwright::train {

namespace {

constexpr int64_t kKeyMargin = 20;
constexpr int64_t kKeyHeadLine = 24;
constexpr int64_t kKeyFactLine = 46;
constexpr int64_t kKeyTop = 70;  // of pictures and bars
constexpr int64_t kKeyColumns = 4;
constexpr int64_t kKeySide = 148;  // of a picture
constexpr int64_t kKeyGap = 14;
constexpr int64_t kKeyWords = 30;  // below a picture
constexpr int64_t kKeyWordLine = 14;

constexpr int64_t kKeyNames = 118;   // left of the bars
constexpr int64_t kKeyHalfBar = 84;  // the longest bar, to either side
constexpr int64_t kKeyNumbers = 58;  // right of the bars
constexpr int64_t kKeyBarRow = 27;
constexpr int64_t kKeyBar = 14;
constexpr size_t kKeyEachWay =
    5;  // of many classes: those with most added and those with most taken

constexpr size_t kKeyNameLetters = 15;
constexpr size_t kKeyLabelLetters = 13;
constexpr const char* kKeyInk = "#202020";
constexpr const char* kKeyGrey = "#707070";

std::string key_label(const std::string& text,
                      int64_t x,
                      int64_t y,
                      const char* side,
                      const char* colour,
                      int size = 10) {
  return fmt::format("set label {} at {}, {} {} front font ',{}' tc rgb '{}'\n",
                     gnuplot_quoted(text),
                     x,
                     y,
                     side,
                     size,
                     colour);
}

/// Those that are shown: all, or the first and the last of many.
std::vector<ClassShift> shown_shifts(const std::vector<ClassShift>& all) {
  if (all.size() <= 2 * kKeyEachWay) return all;
  std::vector<ClassShift> some(all.begin(), all.begin() + kKeyEachWay);
  some.insert(some.end(), all.end() - kKeyEachWay, all.end());
  return some;
}

int64_t rows_of(const KeySheet& sheet) {
  const auto count = static_cast<int64_t>(sheet.pictures.size());
  return std::max<int64_t>(1, (count + kKeyColumns - 1) / kKeyColumns);
}

constexpr int64_t kKeyBarsLeft =
    kKeyMargin + kKeyColumns * (kKeySide + kKeyGap) - kKeyGap + 2 * kKeyGap;
constexpr int64_t kKeyAxis = kKeyBarsLeft + kKeyNames + 8 + kKeyHalfBar;
constexpr int64_t kKeyWidth = kKeyAxis + kKeyHalfBar + kKeyNumbers + kKeyMargin;

std::string put_pictures(torch::Tensor& canvas, const KeySheet& sheet) {
  std::string labels;
  for (size_t i = 0; i < sheet.pictures.size(); ++i) {
    const KeyPicture& one = sheet.pictures[i];
    const int64_t place = static_cast<int64_t>(i);
    const int64_t left = kKeyMargin + (place % kKeyColumns) * (kKeySide + kKeyGap);
    const int64_t top = kKeyTop + (place / kKeyColumns) * (kKeySide + kKeyWords + kKeyGap);
    const torch::Tensor scaled = scaled_picture(one.picture, kKeySide);
    const Box box = put_picture(canvas, scaled, top, left, kKeySide);
    const auto on_canvas = [](int64_t at, int64_t scaled_size, int64_t size) {
      return (at * scaled_size + size / 2) / size;
    };
    const int64_t height = one.picture.size(0);
    const int64_t width = one.picture.size(1);
    const int64_t first_row = on_canvas(one.patch.top, box.height, height);
    const int64_t first_column = on_canvas(one.patch.left, box.width, width);
    const Box patch = {
        box.top + first_row,
        box.left + first_column,
        on_canvas(one.patch.top + one.patch.height, box.height, height) - first_row,
        on_canvas(one.patch.left + one.patch.width, box.width, width) - first_column};
    if (patch.height < box.height || patch.width < box.width) outline(canvas, patch, kVermilion, 2);
    const int64_t below = top + kKeySide + kKeyWordLine;
    labels += key_label(shortened(one.label, kKeyLabelLetters), left, below, "left", kKeyInk);
    labels += key_label(
        fmt::format("{:.3g}", one.coefficient), left + kKeySide, below, "right", kKeyGrey, 9);
  }
  return labels;
}

std::string put_bars(torch::Tensor& canvas, const KeySheet& sheet) {
  const std::vector<ClassShift> shifts = shown_shifts(sheet.adds);
  if (shifts.empty()) return "";
  double greatest = 0;
  for (const ClassShift& shift : shifts) greatest = std::max(greatest, std::abs(shift.score));
  std::string labels =
      key_label("its value adds to the scores", kKeyBarsLeft, kKeyTop + 6, "left", kKeyGrey, 9);
  int64_t top = kKeyTop + kKeyBarRow - 6;
  const bool cut = shifts.size() < sheet.adds.size();
  fill(canvas,
       {top, kKeyAxis, static_cast<int64_t>(shifts.size()) * kKeyBarRow + (cut ? kKeyGap : 0), 1},
       {0xb0, 0xb0, 0xb0});
  for (size_t i = 0; i < shifts.size(); ++i) {
    if (cut && i == kKeyEachWay) top += kKeyGap;
    const double share = greatest > 0 ? shifts[i].score / greatest : 0;
    const auto length = static_cast<int64_t>(std::lround(std::abs(share) * kKeyHalfBar));
    const int64_t bar = top + (kKeyBarRow - kKeyBar) / 2;
    if (share > 0) {
      fill(canvas, {bar, kKeyAxis + 1, kKeyBar, length}, kBlue);
    } else {
      fill(canvas, {bar, kKeyAxis - length, kKeyBar, length}, kVermilion);
    }
    const int64_t middle = top + kKeyBarRow / 2;
    labels += key_label(shortened(shifts[i].name, kKeyNameLetters),
                        kKeyBarsLeft + kKeyNames,
                        middle,
                        "right",
                        kKeyInk);
    labels += key_label(fmt::format("{:+.3g}", shifts[i].score),
                        kKeyWidth - kKeyMargin,
                        middle,
                        "right",
                        kKeyGrey,
                        9);
    top += kKeyBarRow;
  }
  return labels;
}

/// Bytes [H, W, 3] of what a dataset gave: bytes, or floats in 0 to 1; one channel or three.
torch::Tensor as_picture(const torch::Tensor& sample) {
  torch::Tensor bytes = sample;
  if (sample.scalar_type() != torch::kUInt8) {
    bytes = (sample.to(torch::kFloat32).clamp(0, 1) * 255).round().to(torch::kUInt8);
  }
  return bytes.expand({bytes.size(0), bytes.size(1), 3}).contiguous();
}

std::string class_name(const DatasetInfo& info, int64_t index) {
  const auto at = static_cast<size_t>(index);
  return at < info.class_names.size() ? info.class_names[at] : "class " + std::to_string(index);
}

}  // namespace

void draw_key_sheet(const std::filesystem::path& file, const KeySheet& sheet) {
  const auto bars = static_cast<int64_t>(shown_shifts(sheet.adds).size());
  const int64_t height = kKeyTop + std::max(rows_of(sheet) * (kKeySide + kKeyWords + kKeyGap),
                                            (bars + 1) * kKeyBarRow + 2 * kKeyGap);
  torch::Tensor canvas = torch::full({height, kKeyWidth, 3}, 255, torch::kUInt8);
  std::string labels = key_label(sheet.heading, kKeyMargin, kKeyHeadLine, "left", kKeyInk, 13);
  labels += key_label(sheet.facts, kKeyMargin, kKeyFactLine, "left", kKeyGrey, 9);
  labels += put_pictures(canvas, sheet);
  labels += put_bars(canvas, sheet);
  draw_canvas(file, canvas, labels);
}

Box patch_of(int64_t place, const std::vector<int64_t>& grid, int64_t height, int64_t width) {
  const int64_t row = place / grid[1];
  const int64_t column = place % grid[1];
  Box box;
  box.top = row * height / grid[0];
  box.left = column * width / grid[1];
  // At least a pixel: a grid may be finer than the picture.
  box.height = std::max<int64_t>(1, (row + 1) * height / grid[0] - box.top);
  box.width = std::max<int64_t>(1, (column + 1) * width / grid[1] - box.left);
  return box;
}

std::vector<KeyPicture> pictures_of(const KeyRecord& record,
                                    const std::vector<int64_t>& grid,
                                    const Dataset& dataset,
                                    Split split) {
  std::vector<int64_t> samples;
  for (const Trigger& trigger : record.triggers) samples.push_back(trigger.sample);
  const Batch batch = dataset.read(split, samples);
  const bool named = batch.targets.defined() && batch.targets.dim() == 1 &&
                     batch.targets.scalar_type() == torch::kInt64;
  std::vector<KeyPicture> pictures;
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    KeyPicture one;
    one.picture = as_picture(batch.inputs[at]);
    one.patch = patch_of(record.triggers[i].place, grid, one.picture.size(0), one.picture.size(1));
    if (named) one.label = class_name(dataset.info(), batch.targets[at].item<int64_t>());
    one.coefficient = record.triggers[i].coefficient;
    pictures.push_back(std::move(one));
  }
  return pictures;
}

std::vector<ClassShift> sorted_shifts(const torch::Tensor& scores, const DatasetInfo& info) {
  std::vector<ClassShift> shifts;
  for (int64_t i = 0; i < scores.size(0); ++i) {
    shifts.push_back({class_name(info, i), scores[i].item<double>()});
  }
  std::stable_sort(shifts.begin(), shifts.end(), [](const ClassShift& a, const ClassShift& b) {
    return a.score > b.score;
  });
  return shifts;
}

}  // namespace mixwright::train
