#pragma once

#include <mixwright/embedding.h>
#include <mixwright/head.h>

#include "cross_attention.h"

namespace mixwright::perceiver {

struct DecoderOptions : CrossAttentionOptions {
  int64_t queries = 1;
  std::optional<int64_t> query_dim;
  Component<Embedding> query_embedding;
  std::optional<int64_t> outputs;
};
constexpr auto mixwright_options(const DecoderOptions*) {
  using options::field;
  using O = DecoderOptions;
  return std::tuple_cat(
      std::make_tuple(
          field("queries", &O::queries)
              .at_least(1)
              .doc("number of learned queries; one answers for the whole sample"),
          field("query_dim", &O::query_dim)
              .at_least(1)
              .doc("width of a query; not given: the channels of the last features"),
          field("query_embedding", &O::query_embedding)
              .doc("makes the queries out of the network's input instead, one for each place that "
                   "it gives"),
          field("outputs", &O::outputs)
              .at_least(1)
              .doc("numbers that each query answers with; not given: one for each class")),
      cross_attention_fields());
}

/// Perceiver-IO's decoder: queries, learned or made of the input, attend to the last features, and
/// each gives an answer.
///
///   y = fc(cross attention of the queries to z)
///
/// Shape: z [B, *grid, C] -> [B, outputs] of one learned query, [B, queries, outputs] of more, and
///   [B, *places, outputs] with query_embedding.
/// Params: DecoderOptions. `queries` [queries, query_dim] or `query_embedding.*`, `cross.*` as in
///   CrossAttention, `fc`.
/// Throws: Error where there are neither classes nor outputs.
/// Source: Jaegle et al. 2021, arXiv:2107.14795 section 3.2; queries start at normal(0, 0.02).
/// Deviates: none.
class Decoder final : public Head {
 public:
  using Options = DecoderOptions;
  Decoder(const Options& options, const BuildContext& context);
  torch::Tensor forward(const Features& features) override;
  bool needs_input() const override { return query_embedding_ != nullptr; }
  void initialize() override;

 private:
  torch::Tensor queries_;     // undefined with query_embedding
  LayerPtr query_embedding_;  // null for learned queries
  std::shared_ptr<CrossAttention> cross_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace mixwright::perceiver
