#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <mixwright/network.h>

namespace mixwright::train {

/// What a memory did with some pictures.
struct RecallStory {
  std::vector<std::string> names;  ///< of each sample
  std::vector<RecallMoment> moments;
  torch::Tensor
      originals;  ///< what the samples were before they were damaged; undefined: not known
};

/// Draws each sample's way as a row of pictures, at most ten moments and ten samples, every picture
/// from its darkest to its brightest value, and its original at the end.
/// Shape: `shown` [B, H, W, 1 or 3]. Throws: as draw_figure.
void draw_recall(const std::filesystem::path& file, const RecallStory& story);

/// Draws the energy of each sample over time; of more than ten thinly, with their median.
void draw_recall_energy(const std::vector<std::filesystem::path>& files, const RecallStory& story);

}  // namespace mixwright::train
