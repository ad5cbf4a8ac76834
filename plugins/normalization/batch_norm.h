#pragma once

#include <mixwright/normalization.h>

namespace mixwright::norms {

struct BatchNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;
};
MIXWRIGHT_OPTIONS(BatchNormOptions,
                  field("eps", &BatchNormOptions::eps).at_least(0).doc("added to the variance"),
                  field("momentum", &BatchNormOptions::momentum)
                      .at_least(0)
                      .at_most(1)
                      .doc("share of the new batch in the running mean and variance"))

/// Batch normalisation over batch and grid.
///
///   y = (x - mean) / sqrt(var + eps) * weight + bias
///
/// In training mean and biased variance are the batch's, and
/// running <- (1 - momentum) * running + momentum * batch, with the unbiased variance; in
/// evaluation they are the running ones.
///
/// Shape: [B, *grid, C] -> the same.
/// Params: BatchNormOptions. `weight`, `bias`: [C]; buffers `running_mean`, `running_var`: [C],
///   `num_batches_tracked`: scalar.
/// Throws: Error in training on a single value per channel.
/// Source: Ioffe, Szegedy 2015, arXiv:1502.03167 algorithm 1, 2.
/// Deviates: none.
class BatchNorm final : public Normalization {
 public:
  using Options = BatchNormOptions;
  BatchNorm(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  double eps_;
  double momentum_;
  torch::Tensor weight_;
  torch::Tensor bias_;
  torch::Tensor running_mean_;
  torch::Tensor running_var_;
  torch::Tensor num_batches_tracked_;
};

}  // namespace mixwright::norms
