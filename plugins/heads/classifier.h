#pragma once

#include <optional>

#include <mixwright/head.h>

namespace mixwright::heads {

/// What becomes of the tokens.
enum class Pool { kMean, kToken };
MIXWRIGHT_CHOICES(Pool, choice("mean", Pool::kMean), choice("token", Pool::kToken))

struct ClassifierOptions {
  Component<Normalization> norm;
  Pool pool = Pool::kMean;
  Component<Normalization> pooled_norm;
  std::optional<int64_t> hidden;
  std::optional<double> hidden_ratio;
  bool hidden_bias = true;
  Component<Activation> activation{"gelu"};
  Component<Normalization> hidden_norm;
  double dropout = 0;
  bool bias = true;
  bool zero_init = false;
};
MIXWRIGHT_OPTIONS(
    ClassifierOptions,
    field("norm", &ClassifierOptions::norm).doc("over all tokens, before pooling"),
    field("pool", &ClassifierOptions::pool)
        .doc("\"mean\" of all tokens but prefix tokens, or the class \"token\""),
    field("pooled_norm", &ClassifierOptions::pooled_norm).doc("after pooling"),
    field("hidden", &ClassifierOptions::hidden)
        .at_least(1)
        .doc("width of a hidden layer; without it there is none"),
    field("hidden_ratio", &ClassifierOptions::hidden_ratio)
        .at_least(0)
        .doc("the same as a multiple of the channels"),
    field("hidden_bias", &ClassifierOptions::hidden_bias).doc("add a bias to the hidden layer"),
    field("activation", &ClassifierOptions::activation).doc("of the hidden layer"),
    field("hidden_norm", &ClassifierOptions::hidden_norm).doc("after that activation"),
    field("dropout", &ClassifierOptions::dropout)
        .at_least(0)
        .at_most(1)
        .doc("share of features dropped before the last layer, in training"),
    field("bias", &ClassifierOptions::bias).doc("add a bias to the last layer"),
    field("zero_init", &ClassifierOptions::zero_init).doc("start the last layer at zero"))

/// Classification head: pools the last features and maps them to class scores.
///
///   z = pooled_norm(pool(norm(x))); h = hidden_norm(activation(W1 z + b1)) or h = z;
///   y = W2 dropout(h) + b2
///
/// Shape: [B, *grid, C] -> [B, classes].
/// Params: ClassifierOptions. `norm.*`, `pooled_norm.*`, then `fc.*`, or with a hidden layer
///   `fc1.*`, `activation.*`, `hidden_norm.*`, `fc2.*`.
/// Throws: Error where there are no classes, or no class token to take.
/// Source: MLP-Mixer arXiv:2105.01601 (mean), ViT arXiv:2010.11929 eq. 4 (token), MetaFormer
///   arXiv:2210.13452 (hidden layer).
/// Deviates: none.
class Classifier final : public Head {
 public:
  using Options = ClassifierOptions;
  Classifier(const Options& options, const BuildContext& context);
  torch::Tensor forward(const Features& features) override;
  void initialize() override;

 private:
  torch::Tensor pooled(const torch::Tensor& x) const;

  Pool pool_;
  int64_t prefix_tokens_;
  double dropout_;
  bool zero_init_;
  LayerPtr norm_;
  LayerPtr pooled_norm_;
  torch::nn::Linear hidden_{nullptr};  // empty without a hidden layer
  LayerPtr activation_;
  LayerPtr hidden_norm_;
  torch::nn::Linear last_{nullptr};
};

}  // namespace mixwright::heads
