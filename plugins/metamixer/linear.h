#pragma once

#include <cstdint>
#include <optional>

#include <torch/torch.h>

#include <mixwright/projection.h>

namespace mixwright::metamixer {

struct LinearOptions {
  std::optional<int64_t> dim;
  bool bias = true;
};

MIXWRIGHT_OPTIONS(LinearOptions,
                  field("dim", &LinearOptions::dim)
                      .at_least(1)
                      .doc("channels that come out; left out: those that the mixer wishes for, the "
                           "query's for key and value, C for query and output"),
                  field("bias", &LinearOptions::bias).doc("whether it has a bias"))

/// One linear layer over the channels of every token.
///
///   y = W x + bias, W [dim, C]
///
/// Shape: [B, *grid, C] -> [B, *grid, dim].
/// Params: LinearOptions. linear.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, sec. 3.2.2.
/// Deviates: none.
class Linear final : public Projection {
 public:
  using Options = LinearOptions;
  Linear(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::nn::Linear linear_{nullptr};
};

}  // namespace mixwright::metamixer
