#include "framework/train/checkpoint_choice.h"

#include <mixwright/error.h>

#include "framework/train/checkpoint.h"

namespace mixwright::train {

std::filesystem::path chosen_checkpoint(const std::string& run, const std::string& name) {
  const Checkpoints checkpoints(run);
  if (!name.empty()) {
    if (const auto folder = checkpoints.find(name)) return *folder;
    throw UsageError(run + ": has no checkpoint \"" + name +
                     "\"; best, last or one of checkpoints/ expected");
  }
  if (const auto folder = checkpoints.best_or_last()) return *folder;
  throw UsageError(
      run + ": has no checkpoint; the folder of a training expected, which has best and last");
}

}  // namespace mixwright::train
