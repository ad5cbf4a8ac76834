#pragma once

#include "self_attention.h"

namespace mixwright::attention {

struct WindowAttentionOptions {
  int64_t window = 7;  // arXiv:2103.14030
  Shift shift;
  std::optional<int64_t> heads;
  std::optional<int64_t> head_dim;
  bool bias = true;
  bool projection_bias = true;
  bool position_bias = true;
  double dropout = 0.0;
  double projection_dropout = 0.0;
};

MIXWRIGHT_OPTIONS(
    WindowAttentionOptions,
    field("window", &WindowAttentionOptions::window)
        .at_least(1)
        .doc("side of the windows within which tokens attend to each other"),
    field("shift", &WindowAttentionOptions::shift)
        .at_least(0)
        .doc("tokens by which windows are shifted, or \"alternate\": half a window in every "
             "second block of the stage"),
    field("heads", &WindowAttentionOptions::heads)
        .at_least(1)
        .doc("number of heads; C must be a multiple of it unless head_dim is given too"),
    field("head_dim", &WindowAttentionOptions::head_dim)
        .at_least(1)
        .doc("width of a head; without heads there are max(1, C / head_dim), 32 where neither is "
             "given"),
    field("bias", &WindowAttentionOptions::bias).doc("whether query, key and value have a bias"),
    field("projection_bias", &WindowAttentionOptions::projection_bias)
        .doc("whether the output projection has a bias"),
    field("position_bias", &WindowAttentionOptions::position_bias)
        .doc("adds a learned bias for each relative position and head"),
    field("dropout", &WindowAttentionOptions::dropout)
        .at_least(0)
        .at_most(1)
        .doc("dropout of the attention weights"),
    field("projection_dropout", &WindowAttentionOptions::projection_dropout)
        .at_least(0)
        .at_most(1)
        .doc("dropout after the output projection"))

/// Self-attention that has windows by default; all else is SelfAttention's.
class WindowAttention final : public SelfAttention {
 public:
  using Options = WindowAttentionOptions;
  WindowAttention(const Options& options, const BuildContext& context);
};

}  // namespace mixwright::attention
