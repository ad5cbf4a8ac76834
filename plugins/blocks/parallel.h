#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mixwright/block.h>

#include "channel_scale.h"

namespace mixwright::blocks {

struct ParallelOptions {
  Component<Normalization> norm;
  Component<TokenMixer> token_mixer;
  Component<ChannelMixer> channel_mixer;
  std::optional<double> layer_scale;
  double drop_path = 0;
};
MIXWRIGHT_OPTIONS(
    ParallelOptions,
    field("norm", &ParallelOptions::norm).doc("one for both mixers"),
    field("token_mixer", &ParallelOptions::token_mixer).doc("\"none\": no such branch"),
    field("channel_mixer", &ParallelOptions::channel_mixer).doc("\"none\": no such branch"),
    field("layer_scale", &ParallelOptions::layer_scale)
        .doc("learn a factor per channel for each branch, starting here; arXiv:2103.17239 eq. 4"),
    field("drop_path", &ParallelOptions::drop_path)
        .at_least(0)
        .at_most(0.99)
        .doc("rate of dropping both branches of a sample in training, at the network's last "
             "block; it grows linearly from 0 at the first"))

/// ParaMixer block: both mixers see the same normalised features, and their results are added.
///
///   z = norm(x)
///   y = x + drop_path(layer_scale1 token_mixer(z) + layer_scale2 channel_mixer(z))
///
/// Shape: [B, *grid, C] -> the same.
/// Params: ParallelOptions. `norm.*`, `token_mixer.*`, `channel_mixer.*`, `layer_scale1.scale`,
///   `layer_scale2.scale`.
/// Throws: Error where there is no mixer at all, or one does not keep the shape.
/// Source: Ota, Taki 2024, arXiv:2406.12220.
/// Deviates: layer_scale and drop_path, which are off unless asked for.
class Parallel final : public Block {
 public:
  using Options = ParallelOptions;
  Parallel(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override;
  LayerPtr for_inference() override;

 private:
  struct Branch {
    LayerPtr mixer;
    ChannelScale layer_scale{nullptr};
  };
  void add_branch(const std::string& number,
                  const std::string& name,
                  const LayerPtr& mixer,
                  const Options& options,
                  const BuildContext& context);

  LayerPtr norm_;
  std::vector<Branch> branches_;
  double drop_rate_;
};

}  // namespace mixwright::blocks
