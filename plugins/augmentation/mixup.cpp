#include "mixup.h"

#include "mixing.h"

void Mixup::apply_to_batch(mixwright::Batch& batch, mixwright::SampleRandom& random) const {
  if (!mixing::wanted(batch, options_.probability, random, "mixup")) return;
  mix(batch, random.beta(options_.alpha, options_.alpha));
}

void Mixup::mix(mixwright::Batch& batch, double lambda) {
  const torch::Tensor partners = batch.inputs.flip({0}).mul_(1.0 - lambda);
  batch.inputs = batch.inputs.mul(lambda).add_(partners);
  mixing::note_partners(batch, 1.0 - lambda);
}
