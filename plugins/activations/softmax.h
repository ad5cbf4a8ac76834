#pragma once

#include <mixwright/activation.h>

namespace mixwright::activations {

/// What the shares of a softmax add up to one over.
enum class ShareOver { kChannels, kTokens };
MIXWRIGHT_CHOICES(ShareOver,
                  choice("channels", ShareOver::kChannels),
                  choice("tokens", ShareOver::kTokens))

struct SoftmaxOptions {
  ShareOver over = ShareOver::kChannels;
};
MIXWRIGHT_OPTIONS(SoftmaxOptions,
                  field("over", &SoftmaxOptions::over)
                      .doc("what adds up to one: the channels of each token (of coefficients: the "
                           "keys), or each channel over all tokens"))

/// Shares that add up to one.
///
///   y_i = exp(x_i) / sum_j exp(x_j)
///
/// Over the tokens, those that the padding mask leaves out get the share zero.
/// Shape: [B, *grid, C] -> the same.
/// Params: SoftmaxOptions.
/// Source: Bridle 1990, Probabilistic Interpretation of Feedforward Classification Network Outputs;
///   over tokens: Guo et al. 2021, arXiv:2105.02358, eq. 7.
/// Deviates: none.
class Softmax final : public Activation {
 public:
  using Options = SoftmaxOptions;
  explicit Softmax(const Options& options);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;

 private:
  ShareOver over_;
};

}  // namespace mixwright::activations
