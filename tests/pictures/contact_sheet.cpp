#include "tests/pictures/contact_sheet.h"

#include <spdlog/fmt/fmt.h>

#include "framework/train/canvas_figure.h"
#include "framework/train/gnuplot.h"

namespace mixwright::test {

namespace {

constexpr int64_t kGap = 6;
constexpr int64_t kAbove = 26;  // for the columns' words

}  // namespace

ContactSheet::ContactSheet(const Size& size)
    : size_(size), place_(size.side * size.enlarged + kGap) {
  canvas_ = torch::full({top(size.rows), left(size.columns), 3}, 255, torch::kUInt8);
}

int64_t ContactSheet::left(int64_t column) const {
  return size_.words_width + column * place_;
}

int64_t ContactSheet::top(int64_t row) const {
  return kAbove + row * place_;
}

void ContactSheet::put(int64_t row, int64_t column, const torch::Tensor& picture) {
  const torch::Tensor large = picture.expand({-1, -1, 3})
                                  .repeat_interleave(size_.enlarged, 0)
                                  .repeat_interleave(size_.enlarged, 1);
  const int64_t down = (place_ - kGap - large.size(0)) / 2;
  const int64_t right = (place_ - kGap - large.size(1)) / 2;
  canvas_.narrow(0, top(row) + down, large.size(0))
      .narrow(1, left(column) + right, large.size(1))
      .copy_(large);
}

void ContactSheet::name_row(int64_t row, const std::string& words) {
  labels_ += fmt::format("set label {} at {}, {} right front\n",
                         train::gnuplot_quoted(words),
                         size_.words_width - 10,
                         top(row) + (place_ - kGap) / 2);
}

void ContactSheet::name_column(int64_t column, const std::string& words) {
  labels_ += fmt::format("set label {} at {}, {} center front\n",
                         train::gnuplot_quoted(words),
                         left(column) + (place_ - kGap) / 2,
                         kAbove / 2);
}

void ContactSheet::draw(const std::filesystem::path& file) const {
  train::draw_canvas(file, canvas_, labels_);
}

}  // namespace mixwright::test
