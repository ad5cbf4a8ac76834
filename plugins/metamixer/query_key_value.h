#pragma once

#include <cstdint>
#include <memory>
#include <tuple>
#include <type_traits>

#include <torch/torch.h>

#include <mixwright/activation.h>
#include <mixwright/channel_mixer.h>
#include <mixwright/interaction.h>
#include <mixwright/normalization.h>
#include <mixwright/projection.h>
#include <mixwright/token_mixer.h>

namespace mixwright::metamixer {

/// What a mixer is where its config names nothing: attention over the tokens with one head, or a
/// feed-forward network over the channels.
template <class Kind>
struct Defaults {
  static constexpr bool kOverTokens = std::is_same_v<Kind, TokenMixer>;
  static constexpr const char* kQuery = kOverTokens ? "linear" : "none";
  static constexpr const char* kValue = kOverTokens ? "linear" : "parameter";
  static constexpr const char* kActivation = kOverTokens ? "softmax" : "gelu";
  /// Without a bias, which would move all scores of a token alike: softmax does not see it.
  static ConfigValue key() {
    return kOverTokens ? table("linear", "bias", false) : ConfigValue("parameter");
  }
  static ConfigValue interaction() {
    return table("dot_product", kOverTokens ? "scaled" : "bias", true);
  }
  static ConfigValue aggregation() {
    return kOverTokens ? ConfigValue("weighted_sum") : table("weighted_sum", "bias", true);
  }

 private:
  static ConfigValue table(const char* type, const char* option, bool on) {
    ConfigValue value = ConfigValue::table();
    value.set("type", type);
    value.set(option, on);
    return value;
  }
};

template <class Kind>
struct QueryKeyValueOptions {
  int64_t heads = 1;
  Component<Projection> query{Defaults<Kind>::kQuery};
  Component<Projection> key{Defaults<Kind>::key()};
  Component<Interaction> interaction{Defaults<Kind>::interaction()};
  Component<Activation> activation{Defaults<Kind>::kActivation};
  Component<Normalization> norm;
  double dropout = 0.0;
  Component<Projection> value{Defaults<Kind>::kValue};
  Component<Interaction> aggregation{Defaults<Kind>::aggregation()};
  Component<Projection> output{Defaults<Kind>::kQuery};
};

template <class Kind>
constexpr auto mixwright_options(const QueryKeyValueOptions<Kind>*) {
  using options::field;
  using O = QueryKeyValueOptions<Kind>;
  return std::make_tuple(
      field("heads", &O::heads)
          .at_least(1)
          .doc("parts that the channels of query, key and value are split into, each mixed alone"),
      field("query", &O::query).doc("makes the query; \"none\" takes the input itself"),
      field("key", &O::key)
          .doc("makes the key; \"none\" takes the input itself. Not built without an interaction"),
      field("interaction", &O::interaction)
          .doc("how query and key meet; \"none\" takes the query itself as coefficients"),
      field("activation", &O::activation).doc("turns what they give into coefficients"),
      field("norm", &O::norm).doc("norm of the coefficients, after the activation"),
      field("dropout", &O::dropout).at_least(0).at_most(1).doc("dropout of the coefficients"),
      field("value", &O::value)
          .doc(
              "makes the value; \"none\" takes the input itself. Not built without an aggregation"),
      field("aggregation", &O::aggregation)
          .doc("how coefficients and value meet; \"none\" gives the coefficients themselves"),
      field("output", &O::output).doc("projection of the result; \"none\" leaves it as it is"));
}

/// The general MetaMixer: query-key-value with every sub-operation left to be named.
///
///   a = norm(act(interaction(query(x), key(x))))
///   y = output(aggregation(a, value(x)))
///
/// Each projection is told, as its wish for channels, those of the query; the query and the output
/// are told C. With h heads the channels of all three operands are split, and the heads stand
/// beside the batch: [B, *grid, C] -> [B h, *grid, C / h].
///
/// Shape: [B, *grid, C] -> the same.
/// Params: QueryKeyValueOptions. query, key, interaction, activation, norm, value, aggregation,
///   output, as far as they are there.
/// Throws: Error where the parts do not fit together or another shape comes out. A part that needs
///   something (a fixed number of tokens, a grid of some rank) makes its mixer need it.
/// Source: Yun, Lee, Ro 2024 (MetaMixer), arXiv:2406.02021.
/// Deviates: heads, norm and output are ours, so that attention and external attention are said in
///   the same words.
template <class Kind>
class QueryKeyValue final : public Kind {
 public:
  using Options = QueryKeyValueOptions<Kind>;
  QueryKeyValue(const Options& options, const BuildContext& context);
  torch::Tensor forward_in_context(const torch::Tensor& input, const Context& context) override;

 private:
  /// [B, *grid, C] -> [B h, *grid, C / h], and back.
  torch::Tensor split(const torch::Tensor& operand) const;
  torch::Tensor join(const torch::Tensor& heads) const;
  Shape of_one_head(const Shape& shape, const char* what) const;

  int64_t heads_;
  double dropout_;
  LayerPtr query_;
  LayerPtr key_;
  std::shared_ptr<Interaction> interaction_;
  LayerPtr activation_;
  LayerPtr norm_;
  LayerPtr value_;
  std::shared_ptr<Interaction> aggregation_;
  LayerPtr output_;
  bool key_has_the_tokens_ = false;  // of the input, so that its padding mask is the key's
  bool value_has_the_tokens_ = false;
};

}  // namespace mixwright::metamixer
