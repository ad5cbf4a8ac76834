#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mixwright/block.h>

#include "channel_scale.h"

namespace mixwright::blocks {

struct SerialOptions {
  Component<Normalization> norm;
  Component<TokenMixer> token_mixer;
  Component<ChannelMixer> channel_mixer;
  bool shared_norm = false;
  std::optional<double> layer_scale;
  std::optional<double> res_scale;
  double drop_path = 0;
};
MIXWRIGHT_OPTIONS(
    SerialOptions,
    field("norm", &SerialOptions::norm).doc("before each mixer"),
    field("token_mixer", &SerialOptions::token_mixer).doc("\"none\": no such branch, nor its norm"),
    field("channel_mixer", &SerialOptions::channel_mixer)
        .doc("\"none\": no such branch, nor its norm"),
    field("shared_norm", &SerialOptions::shared_norm)
        .doc("one norm with the same weights in both places"),
    field("layer_scale", &SerialOptions::layer_scale)
        .doc("learn a factor per channel for each branch, starting here; arXiv:2103.17239 eq. 4"),
    field("res_scale", &SerialOptions::res_scale)
        .doc("learn a factor per channel for what passes by a branch, starting here; "
             "arXiv:2110.09456"),
    field("drop_path", &SerialOptions::drop_path)
        .at_least(0)
        .at_most(0.99)
        .doc("rate of dropping a branch of a sample in training, at the network's last block; "
             "it grows linearly from 0 at the first"))

/// MetaFormer block: token mixer, then channel mixer, each with norm and residual.
///
///   x <- res_scale1 x + drop_path(layer_scale1 token_mixer(norm1(x)))
///   x <- res_scale2 x + drop_path(layer_scale2 channel_mixer(norm2(x)))
///
/// Shape: [B, *grid, C] -> the same.
/// Params: SerialOptions. `norm1.*`, `token_mixer.*`, `layer_scale1.scale`, `res_scale1.scale`
///   and the same with 2 and `channel_mixer`; `norm.*` for both with shared_norm.
/// Throws: Error where there is no mixer at all, or one does not keep the shape.
/// Source: Yu et al. 2021, arXiv:2111.11418 eq. 2, 3; arXiv:2210.13452 for res_scale.
/// Deviates: none.
class Serial final : public Block {
 public:
  using Options = SerialOptions;
  Serial(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference() override;

 private:
  struct Branch {
    LayerPtr norm;
    LayerPtr mixer;
    ChannelScale layer_scale{nullptr};
    ChannelScale res_scale{nullptr};
  };
  void add_branch(const std::string& number,
                  const std::string& name,
                  const LayerPtr& mixer,
                  const Options& options,
                  const BuildContext& context);

  std::vector<Branch> branches_;
  LayerPtr shared_norm_;
  double drop_rate_;
};

}  // namespace mixwright::blocks
