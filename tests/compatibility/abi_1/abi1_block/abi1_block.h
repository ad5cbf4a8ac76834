#pragma once

#include <mixwright/block.h>

struct Abi1BlockOptions {
  mixwright::Component<mixwright::Normalization> norm;
  mixwright::Component<mixwright::TokenMixer> token_mixer;
  mixwright::Component<mixwright::ChannelMixer> channel_mixer;
};
MIXWRIGHT_OPTIONS(Abi1BlockOptions,
                  field("norm", &Abi1BlockOptions::norm).doc("before both mixers"),
                  field("token_mixer", &Abi1BlockOptions::token_mixer)
                      .doc("over the places; \"none\" leaves its branch out"),
                  field("channel_mixer", &Abi1BlockOptions::channel_mixer)
                      .doc("over the channels; \"none\" leaves its branch out"))

/// Two mixers behind one norm, the second sees what the first made of it.
///
///   z = norm(x);  y = x + token_mixer(z) + channel_mixer(token_mixer(z))
///
/// Shape: [B, *grid, C] -> the same.
/// Params: Abi1BlockOptions. `norm.*`, `token_mixer.*`, `channel_mixer.*`.
/// Throws: mixwright::Error where there is no mixer at all.
/// Source: replace by authors, year, arXiv id and equation.
/// Deviates: none.
class Abi1Block final : public mixwright::Block {
 public:
  using Options = Abi1BlockOptions;
  Abi1Block(const Options& options, const mixwright::BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x,
                                   const mixwright::Context& context) override;

 private:
  mixwright::LayerPtr norm_;
  mixwright::LayerPtr token_mixer_;
  mixwright::LayerPtr channel_mixer_;
};
