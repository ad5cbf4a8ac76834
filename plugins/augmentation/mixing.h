#pragma once

#include <mixwright/transform.h>

/// What mixup and its kin have in common. The partner of sample i of a batch of B is B - 1 - i, as
/// in timm. torchvision takes i - 1 instead, which pairs most samples with themselves where the
/// loader names a sample several times in a row (repeated augmentation).
namespace mixing {

/// Whether this batch is to be mixed: no other transform did it before, and chance wants it.
/// Throws: mixwright::Error for inputs that are no [batch, *grid, channels] of floats.
bool wanted(const mixwright::Batch& batch,
            double probability,
            mixwright::SampleRandom& random,
            const char* transform);

/// Notes in the batch that its partners take `share` of every sample.
void note_partners(mixwright::Batch& batch, double share);

}  // namespace mixing
