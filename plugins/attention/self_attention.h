#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <torch/torch.h>

#include <mixwright/adaptable.h>
#include <mixwright/inference.h>
#include <mixwright/token_mixer.h>

#include "heads.h"
#include "shift.h"
#include "windows.h"

namespace mixwright::attention {

struct SelfAttentionOptions {
  std::optional<int64_t> heads;
  std::optional<int64_t> head_dim;
  bool bias = true;
  bool projection_bias = true;
  double dropout = 0.0;
  double projection_dropout = 0.0;
  bool causal = false;
  int64_t window = 0;
  Shift shift;
  bool position_bias = true;
};

MIXWRIGHT_OPTIONS(
    SelfAttentionOptions,
    field("heads", &SelfAttentionOptions::heads)
        .at_least(1)
        .doc("number of heads; C must be a multiple of it unless head_dim is given too"),
    field("head_dim", &SelfAttentionOptions::head_dim)
        .at_least(1)
        .doc("width of a head; without heads there are max(1, C / head_dim), 32 where neither is "
             "given"),
    field("bias", &SelfAttentionOptions::bias).doc("whether query, key and value have a bias"),
    field("projection_bias", &SelfAttentionOptions::projection_bias)
        .doc("whether the output projection has a bias"),
    field("dropout", &SelfAttentionOptions::dropout)
        .at_least(0)
        .at_most(1)
        .doc("dropout of the attention weights"),
    field("projection_dropout", &SelfAttentionOptions::projection_dropout)
        .at_least(0)
        .at_most(1)
        .doc("dropout after the output projection"),
    field("causal", &SelfAttentionOptions::causal).doc("a token attends to no later one"),
    field("window", &SelfAttentionOptions::window)
        .at_least(0)
        .doc("side of the windows within which tokens attend to each other; 0: to all"),
    field("shift", &SelfAttentionOptions::shift)
        .at_least(0)
        .doc("tokens by which windows are shifted, or \"alternate\": half a window in every "
             "second block of the stage"),
    field("position_bias", &SelfAttentionOptions::position_bias)
        .doc("with windows: adds a learned bias for each relative position and head"))

/// Multi-head self-attention over all tokens, or within windows of the grid.
///
/// [q, k, v] = qkv(x); y = proj(softmax(q k^T / sqrt(d) + bias) v), each head apart. With a window,
/// only tokens of one window attend to each other, bias is a table over relative positions, and a
/// shift moves the windows cyclically with pairs across the seam masked. A window is no larger than
/// the grid, and a grid that it covers is not shifted. Grids that are no multiple of the window are
/// padded with zero tokens behind, which are attended to as in the published code. Tokens that the
/// padding mask leaves out are not attended to.
/// Shape: [B, *grid, C] -> the same; q, k, v are [B, heads, N, d].
/// Params: qkv, proj; with windows and position_bias relative_position_bias_table
///     [prod (2 window - 1), heads].
/// Throws: Error where heads do not fit C, or windows meet prefix tokens or a causal mask.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1; Dosovitskiy et al. 2020 (ViT),
///     arXiv:2010.11929; Liu et al. 2021 (Swin), arXiv:2103.14030, eq. 4.
/// Deviates: windows also work on grids of one and three dimensions.
class SelfAttention : public TokenMixer, public Adaptable {
 public:
  using Options = SelfAttentionOptions;
  SelfAttention(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) final;
  LayerPtr for_inference_within(const Surroundings& around) final;
  void initialize() final;
  /// The table of a square window becomes that of this window: see resized_position_table.
  Adapted adapt(const std::string& name, const torch::Tensor& value) const final;

 private:
  torch::Tensor qkv_of(const torch::Tensor& x) const;
  torch::Tensor projected(const torch::Tensor& x) const;
  torch::Tensor attend_to_all(const torch::Tensor& x, const Context& context);
  torch::Tensor attend_in_windows(const torch::Tensor& x, const Context& context);
  /// What is added to the scores in windows: [1 or B x W, heads, n, n] or [1 or B, W x heads, n,
  /// n]; undefined for nothing.
  torch::Tensor window_scores(const torch::Tensor& x, const torch::Tensor& padding_mask);
  torch::Tensor position_scores();
  double attention_dropout() const { return is_training() ? dropout_ : 0.0; }

  Heads heads_;
  double dropout_;
  double projection_dropout_;
  bool causal_;
  bool windowed_;
  Windows windows_;
  torch::nn::Linear qkv_{nullptr};
  torch::nn::Linear proj_{nullptr};
  std::optional<PackedLinear> packed_qkv_;  // in a form for inference
  std::optional<PackedLinear> packed_proj_;
  torch::Tensor table_;      // undefined without position bias
  torch::Tensor positions_;  // [n, n] rows of the table, on the table's device
  torch::Tensor mask_;       // shift_mask of mask_grid_, for the device and type of the last input
  std::vector<int64_t> mask_grid_;
};

}  // namespace mixwright::attention
