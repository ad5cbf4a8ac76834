#pragma once

#include <cstdint>
#include <tuple>

#include <torch/torch.h>

#include <mixwright/options.h>

#include "axis.h"

namespace mixwright::mlp {

struct TokenLinearOptions {
  bool bias = true;
};

MIXWRIGHT_OPTIONS(TokenLinearOptions,
                  field("bias", &TokenLinearOptions::bias).doc("whether it has a bias"))

/// One linear layer over the tokens.
///
/// y[b, :, c] = W x[b, :, c] + bias, W [N, N].
/// Shape: [B, *grid, C] -> the same; N is the product of the grid.
/// Params: linear.
/// Throws: Error where the input has other than the N tokens it was built for.
/// Source: Touvron et al. 2021 (ResMLP), arXiv:2105.03404, eq. 2.
/// Deviates: none.
class TokenLinear final : public FixedTokenMixer {
 public:
  using Options = TokenLinearOptions;
  TokenLinear(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  Shape shape_;
  int64_t tokens_;
  torch::nn::Linear linear_{nullptr};
};

struct ChannelLinearOptions {
  int64_t dim = 0;
  bool bias = true;
};

MIXWRIGHT_OPTIONS(ChannelLinearOptions,
                  field("dim", &ChannelLinearOptions::dim)
                      .at_least(0)
                      .doc("channels that come out, for the middle of a chain; 0 keeps C"),
                  field("bias", &ChannelLinearOptions::bias).doc("whether it has a bias"))

/// One linear layer over the channels, which a picture's network calls a 1x1 convolution.
///
/// y = W x + bias, W [dim, C].
/// Shape: [B, *grid, C] -> [B, *grid, dim].
/// Params: linear.
/// Throws: Error where the input has other than the C channels it was built for.
/// Source: Lin et al. 2013, arXiv:1312.4400, section 3.
/// Deviates: none.
class ChannelLinear final : public ChannelMixer {
 public:
  using Options = ChannelLinearOptions;
  ChannelLinear(const Options& options, const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;
  LayerPtr for_inference_within(const Surroundings& around) override;

 private:
  Shape shape_;
  int64_t channels_;
  torch::nn::Linear linear_{nullptr};
};

}  // namespace mixwright::mlp
