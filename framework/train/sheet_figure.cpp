#include "framework/train/sheet_figure.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>

#include "framework/train/canvas.h"
#include "framework/train/canvas_figure.h"
#include "framework/train/gnuplot.h"

namespace mixwright::train {

namespace {

constexpr int64_t kMargin = 16;
constexpr int64_t kGap = 6;
constexpr int64_t kSide = 84;         // of a picture, at most
constexpr int64_t kLetterPixels = 8;  // of a row's words, on average
constexpr int64_t kMostPictures = 1000;

void check(const Sheet& sheet) {
  const torch::Tensor& pictures = sheet.pictures;
  const bool fits = pictures.defined() && pictures.dim() == 5 && pictures.numel() > 0 &&
                    pictures.size(0) == static_cast<int64_t>(sheet.rows.size()) &&
                    (pictures.size(4) == 1 || pictures.size(4) == 3) &&
                    pictures.size(0) * pictures.size(1) <= kMostPictures;
  if (fits) return;
  throw Error("sheet \"" + sheet.name + "\" with " + std::to_string(sheet.rows.size()) +
              " rows holds " +
              (pictures.defined() ? list_text(pictures.sizes().vec()) : "nothing") +
              "; [rows, columns, H, W, 1 or 3] expected, at most " + std::to_string(kMostPictures) +
              " pictures");
}

/// [H, W, 1 or 3] of 0 to 1 -> bytes [h, w, 3].
torch::Tensor as_bytes(const torch::Tensor& picture) {
  const torch::Tensor bytes =
      (picture.to(torch::kFloat32).nan_to_num(0).clamp(0, 1) * 255).round().to(torch::kUInt8);
  return scaled_picture(bytes.expand({-1, -1, 3}).contiguous(), kSide);
}

}  // namespace

void draw_sheet(const std::filesystem::path& file, const Sheet& sheet) {
  check(sheet);
  const torch::Tensor pictures = sheet.pictures.detach().cpu();
  const torch::Tensor first = as_bytes(pictures[0][0]);
  const int64_t height = first.size(0);
  const int64_t width = first.size(1);
  size_t longest = 0;
  for (const std::string& row : sheet.rows) longest = std::max(longest, row.size());
  const int64_t words = kMargin + static_cast<int64_t>(longest) * kLetterPixels;
  const auto top = [&](int64_t row) { return kMargin + row * (height + kGap); };
  const auto left = [&](int64_t column) { return words + kGap + column * (width + kGap); };
  torch::Tensor canvas = torch::full(
      {top(pictures.size(0)) - kGap + kMargin, left(pictures.size(1)) - kGap + kMargin, 3},
      255,
      torch::kUInt8);
  std::string labels;
  for (int64_t row = 0; row < pictures.size(0); ++row) {
    labels += fmt::format("set label {} at {}, {} right front tc rgb '#202020'\n",
                          gnuplot_quoted(sheet.rows[static_cast<size_t>(row)]),
                          words - kGap,
                          top(row) + height / 2);
    for (int64_t column = 0; column < pictures.size(1); ++column) {
      canvas.narrow(0, top(row), height)
          .narrow(1, left(column), width)
          .copy_(as_bytes(pictures[row][column]));
    }
  }
  draw_canvas(file, canvas, labels);
}

}  // namespace mixwright::train
