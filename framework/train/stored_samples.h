#pragma once

#include <cstdint>

#include "framework/train/trainer.h"

namespace mixwright::train {

/// Gives a network that stores samples (mixwright::Stores) the first of the training split, in
/// their order, without augmentation. Returns how many: 0 where the network stores none.
/// Throws: UsageError where it has room for more than there are.
int64_t store_samples(const TrainingParts& parts);

}  // namespace mixwright::train
