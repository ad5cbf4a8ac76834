#include "mixing.h"

#include <string>

#include <mixwright/error.h>

namespace mixing {

bool wanted(const mixwright::Batch& batch,
            double probability,
            mixwright::SampleRandom& random,
            const char* transform) {
  if (batch.mixed) return false;
  if (!batch.inputs.is_floating_point() || batch.inputs.dim() < 3) {
    throw mixwright::Error(std::string(transform) + " needs floats [batch, *grid, channels], got " +
                           c10::toString(batch.inputs.scalar_type()) + " of rank " +
                           std::to_string(batch.inputs.dim()) +
                           "; leave it out of train.transforms for this dataset");
  }
  if (!batch.targets.defined() || batch.targets.dim() < 1 ||
      batch.targets.size(0) != batch.inputs.size(0)) {
    throw mixwright::Error(std::string(transform) + " needs one target for each of the " +
                           std::to_string(batch.inputs.size(0)) +
                           " samples; leave it out of train.transforms for this task");
  }
  return random.chance(probability);
}

void note_partners(mixwright::Batch& batch, double share) {
  batch.mixed = mixwright::Mixed{batch.targets.flip({0}), share};
}

}  // namespace mixing
