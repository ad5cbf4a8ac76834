#include "random_flip.h"

torch::Tensor RandomFlip::apply(const torch::Tensor& sample,
                                mixwright::SampleRandom& random) const {
  return random.chance(probability_) ? sample.flip({sample.dim() - 2}) : sample;
}
