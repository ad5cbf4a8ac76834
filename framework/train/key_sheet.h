#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/dataset.h>

#include "framework/train/canvas.h"
#include "framework/train/key_memory.h"

namespace mixwright::train {

/// A picture that triggers a key, with the patch that does.
struct KeyPicture {
  torch::Tensor picture;  ///< bytes [H, W, 3]
  Box patch;              ///< in its pixels
  std::string label;      ///< its class, "" where it has none
  double coefficient = 0;
};

/// What a value adds to the score of a class.
struct ClassShift {
  std::string name;
  double score = 0;
};

/// One key of a memory as a picture: what triggers it on the left, what its value adds on the
/// right.
struct KeySheet {
  std::string heading;
  std::string facts;  ///< a line below it
  std::vector<KeyPicture> pictures;
  std::vector<ClassShift> adds;  ///< from the greatest to the least
};

/// Writes a .png file. Throws: as draw_figure.
void draw_key_sheet(const std::filesystem::path& file, const KeySheet& sheet);

/// The pixels of a place of `grid` in a picture of height x width.
Box patch_of(int64_t place, const std::vector<int64_t>& grid, int64_t height, int64_t width);

/// The pictures of a key's triggers, read from the dataset.
/// Throws: mixwright::Error as the dataset does.
std::vector<KeyPicture> pictures_of(const KeyRecord& record,
                                    const std::vector<int64_t>& grid,
                                    const Dataset& dataset,
                                    Split split);

/// Class by class from the greatest shift to the least; `scores` [classes].
std::vector<ClassShift> sorted_shifts(const torch::Tensor& scores, const DatasetInfo& info);

}  // namespace mixwright::train
