#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <mixwright/part.h>

#include "framework/model/network.h"

namespace mixwright::train {

/// Tells the parts of a network of the training's steps, and asks them what they measured.
class PartHooks {
 public:
  /// The network outlives this.
  explicit PartHooks(const model::Network& network);

  /// Part::after_step of every part, outer parts first.
  void after_step(const TrainingStep& step) const;

  /// The numbers that parts report, by `<path of the part>.<name>`.
  std::map<std::string, double> numbers() const;

  /// Draws the pictures that parts report, `<path of the part>.<name>.png` in `folder`. What cannot
  /// be written is warned of once, and no more is drawn.
  void draw(const std::filesystem::path& folder);

 private:
  std::vector<std::pair<std::string, Part*>> parts_;  // by their paths, as tensors have them
  bool draws_ = true;
};

}  // namespace mixwright::train
