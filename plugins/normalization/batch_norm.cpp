#include "batch_norm.h"

namespace mixwright::norms {

BatchNorm::BatchNorm(const Options& options, const BuildContext& context)
    : eps_(options.eps), momentum_(options.momentum) {
  const int64_t channels = context.shape.channels;
  weight_ = register_parameter("weight", torch::ones({channels}));
  bias_ = register_parameter("bias", torch::zeros({channels}));
  running_mean_ = register_buffer("running_mean", torch::zeros({channels}));
  running_var_ = register_buffer("running_var", torch::ones({channels}));
  num_batches_tracked_ = register_buffer("num_batches_tracked", torch::zeros({}, torch::kLong));
}

torch::Tensor BatchNorm::forward(const torch::Tensor& x) {
  // [B, *grid, C] -> [B * N, C], which LibTorch normalises as channels last, without a copy
  const torch::Tensor rows = x.reshape({-1, x.size(-1)});
  if (is_training()) {
    if (rows.size(0) < 2) {
      throw Error("a batch of one value per channel has no variance, input is " +
                  list_text(x.sizes().vec()) + "; train with a batch of two or more");
    }
    num_batches_tracked_ += 1;
  }
  return torch::batch_norm(rows,
                           weight_,
                           bias_,
                           running_mean_,
                           running_var_,
                           is_training(),
                           momentum_,
                           eps_,
                           /*cudnn_enabled=*/true)
      .view(x.sizes());
}

}  // namespace mixwright::norms
