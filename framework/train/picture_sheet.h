#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/task.h>

namespace mixwright::train {

/// A picture of a sheet with what a network answers to it.
struct SheetPicture {
  torch::Tensor picture;  ///< bytes [H, W, 3], as PictureSheet::scaled gave it
  std::string name;       ///< the file's
  Prediction answer;      ///< the most probable
};

/// Pictures in rows and columns, beneath each the answer, its probability, also as a bar, and the
/// file's name.
class PictureSheet {
 public:
  static constexpr int64_t kMost = 100;  ///< pictures; more cannot be read

  /// `count` pictures are to come, `kMost` at most.
  explicit PictureSheet(int64_t count);

  /// A picture in the size that it has on this sheet: large ones are made smaller, small ones
  /// enlarged by a whole factor, so that their pixels stay what they are.
  /// Shape: bytes [H, W, 3] -> [h, w, 3]. Thread: safe.
  torch::Tensor scaled(const torch::Tensor& picture) const;

  /// The greatest side of a picture.
  int64_t side() const { return side_; }

  void add(SheetPicture picture);
  bool is_empty() const { return pictures_.empty(); }
  int64_t size() const { return static_cast<int64_t>(pictures_.size()); }

  /// Writes a .png file; `heading` stands above all. Throws: as draw_figure.
  void draw(const std::filesystem::path& file, const std::string& heading) const;

 private:
  void put(torch::Tensor& canvas, int64_t place) const;
  std::string labels_of(int64_t place) const;
  int64_t left(int64_t place) const;
  int64_t top(int64_t place) const;

  int64_t columns_;
  int64_t side_;  // greatest side of a picture
  std::vector<SheetPicture> pictures_;
};

/// A text of at most `places` characters: what is longer loses its end, or its beginning where
/// `keep_end`, to an ellipsis.
std::string shortened(const std::string& text, size_t places, bool keep_end = false);

}  // namespace mixwright::train
