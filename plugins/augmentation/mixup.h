#pragma once

#include <mixwright/transform.h>

struct MixupOptions {
  double alpha = 0.8;
  double probability = 1.0;
};

MIXWRIGHT_OPTIONS(MixupOptions,
                  field("alpha", &MixupOptions::alpha)
                      .at_least(0.01)
                      .doc("the partner's share is drawn from Beta(alpha, alpha); 1 is uniform"),
                  field("probability", &MixupOptions::probability)
                      .at_least(0)
                      .at_most(1)
                      .doc("share of the batches that are mixed"))

/// Blends each sample of a batch with a partner: x = lambda x + (1 - lambda) partner, with one
/// lambda ~ Beta(alpha, alpha) for the batch; the loss is blended alike. A batch that is mixed
/// already stays as it is.
/// Shape: [batch, *grid, C] -> the same.
/// Source: H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz 2018, arXiv:1710.09412, section 2.
/// Deviates: the partner is not drawn but the sample at the same place of the reversed batch, as in
/// timm; batches are in random order anyhow.
class Mixup final : public mixwright::Transform {
 public:
  using Options = MixupOptions;
  explicit Mixup(const Options& options) : options_(options) {}
  void apply_to_batch(mixwright::Batch& batch, mixwright::SampleRandom& random) const override;
  /// The step behind the draw.
  static void mix(mixwright::Batch& batch, double lambda);

 private:
  Options options_;
};
