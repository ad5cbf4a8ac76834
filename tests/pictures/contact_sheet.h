#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <torch/torch.h>

namespace mixwright::test {

/// Small pictures in rows and columns, enlarged without smoothing, with words to the left of each
/// row and above each column.
class ContactSheet {
 public:
  struct Size {
    int64_t rows = 0;
    int64_t columns = 0;
    int64_t side = 32;          ///< greatest side of a picture
    int64_t enlarged = 2;       ///< by this factor
    int64_t words_width = 150;  ///< pixels to the left
  };
  explicit ContactSheet(const Size& size);

  /// Bytes [H, W, 1 or 3], in the middle of its place.
  void put(int64_t row, int64_t column, const torch::Tensor& picture);
  void name_row(int64_t row, const std::string& words);
  void name_column(int64_t column, const std::string& words);
  void draw(const std::filesystem::path& file) const;

 private:
  int64_t left(int64_t column) const;
  int64_t top(int64_t row) const;

  Size size_;
  int64_t place_;         // side of a picture and of the gap behind it
  torch::Tensor canvas_;  // [height, width, 3] bytes
  std::string labels_;
};

}  // namespace mixwright::test
