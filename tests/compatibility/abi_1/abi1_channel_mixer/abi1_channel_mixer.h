#pragma once

#include <mixwright/channel_mixer.h>

struct Abi1ChannelMixerOptions {
  double ratio = 4.0;
};
MIXWRIGHT_OPTIONS(Abi1ChannelMixerOptions,
                  field("ratio", &Abi1ChannelMixerOptions::ratio)
                      .at_least(0.1)
                      .doc("width of the hidden layer, as a multiple of the channels"))

/// Two linear layers with a squared ReLU between them, each token alone.
///
///   y = W2 max(W1 x + b1, 0)^2 + b2
///
/// Shape: [B, *grid, C] -> the same; hidden width H = round(ratio C).
/// Params: Abi1ChannelMixerOptions. `fc1.weight` [H, C], `fc1.bias`, `fc2.weight` [C, H],
/// `fc2.bias`. Source: replace by authors, year, arXiv id and equation. Deviates: none.
class Abi1ChannelMixer final : public mixwright::ChannelMixer {
 public:
  using Options = Abi1ChannelMixerOptions;
  Abi1ChannelMixer(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  torch::nn::Linear fc1_{nullptr};
  torch::nn::Linear fc2_{nullptr};
};
