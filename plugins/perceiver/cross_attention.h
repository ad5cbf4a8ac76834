#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include <mixwright/channel_mixer.h>
#include <mixwright/normalization.h>

namespace mixwright::perceiver {

/// Options of everything that attends to another sequence than its own.
struct CrossAttentionOptions {
  int64_t heads = 1;
  std::optional<int64_t> qk_dim;
  std::optional<int64_t> v_dim;
  bool bias = true;
  bool residual = true;
  double dropout = 0;
  Component<Normalization> norm{"layer_norm"};
  Component<ChannelMixer> channel_mixer{"mlp"};
};

/// Their fields, to stand beside those of the component.
constexpr auto cross_attention_fields() {
  using options::field;
  using O = CrossAttentionOptions;
  return std::make_tuple(
      field("heads", &O::heads).at_least(1).doc("number of attention heads"),
      field("qk_dim", &O::qk_dim)
          .at_least(1)
          .doc("width of queries and keys, all heads together; not given: the channels of what is "
               "attended to"),
      field("v_dim", &O::v_dim)
          .at_least(1)
          .doc("width of the values, all heads together; not given: qk_dim"),
      field("bias", &O::bias).doc("whether the projections have a bias"),
      field("residual", &O::residual).doc("add the queries to what the attention gives"),
      field("dropout", &O::dropout).at_least(0).at_most(1).doc("dropout of the attention weights"),
      field("norm", &O::norm).doc("of queries, of what is attended to, and before channel_mixer"),
      field("channel_mixer", &O::channel_mixer)
          .doc("behind the attention, with its own norm and residual; \"none\": neither"));
}

/// Queries attend to another sequence, then a channel mixer works on them.
///
///   y = q + proj(softmax(query(q') key(z')^T / sqrt(d)) value(z')), q' = norm1(q),
///   z' = input_norm(z), each head apart;  out = y + channel_mixer(norm2(y))
///
/// Without `residual` the first sum has no q.
/// Shape: q [B or 1, M, Cq], z [B, N, Cz] -> [B, M, Cq]; M and N are any numbers.
/// Params: CrossAttentionOptions. `norm1.*`, `input_norm.*`, `query` [qk_dim, Cq], `kv` [qk_dim +
///   v_dim, Cz] for key and value, `proj` [Cq, v_dim], `norm2.*`, `channel_mixer.*`.
/// Throws: Error where the heads do not divide the widths.
/// Source: Jaegle et al. 2021, arXiv:2107.14795 section 3.1; arXiv:2103.03206.
/// Deviates: none. Queries that are the same for the whole batch are projected once.
class CrossAttention final : public Part {
 public:
  /// `queries` says Cq, `input` Cz.
  CrossAttention(const CrossAttentionOptions& options,
                 const Shape& queries,
                 const Shape& input,
                 const BuildContext& context);
  torch::Tensor forward(const torch::Tensor& queries, const torch::Tensor& input);

 private:
  torch::Tensor attend(const torch::Tensor& queries, const torch::Tensor& input);

  int64_t heads_;
  int64_t qk_dim_;
  bool residual_;
  double dropout_;
  LayerPtr norm1_;
  LayerPtr input_norm_;
  LayerPtr norm2_;
  LayerPtr channel_mixer_;
  torch::nn::Linear query_{nullptr};
  torch::nn::Linear kv_{nullptr};
  torch::nn::Linear proj_{nullptr};
};

}  // namespace mixwright::perceiver
