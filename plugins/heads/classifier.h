#pragma once

#include <optional>

#include <mixwright/adaptable.h>
#include <mixwright/head.h>
#include <mixwright/teaching.h>

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
  bool distilled = false;
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
    field("zero_init", &ClassifierOptions::zero_init).doc("start the last layer at zero"),
    field("distilled", &ClassifierOptions::distilled)
        .doc("a second pooled norm and last layer, as networks have that learnt from a teacher; "
             "the answer is the mean of both, a teacher is compared with the second alone"))

/// Classification head: pools the last features and maps them to class scores.
///
///   z = pooled_norm(pool(norm(x))); h = hidden_norm(activation(W1 z + b1)) or h = z;
///   y = W2 dropout(h) + b2, or distilled the mean of two such y that share all but the last layer
///   and the norm after pooling; with pool = "token" and a distillation token behind the class
///   token the second is of that
///
/// Shape: [B, *grid, C] -> [B, classes].
/// Params: ClassifierOptions. `norm.*`, `pooled_norm.*`, then `fc.*`, or with a hidden layer
///   `fc1.*`, `activation.*`, `hidden_norm.*`, `fc2.*`; distilled also `pooled_norm_distilled.*`,
///   `fc_distilled.*`.
/// Throws: Error where there are no classes, or no class token to take, or distilled meets a hidden
///   layer.
/// Source: MLP-Mixer arXiv:2105.01601 (mean), ViT arXiv:2010.11929 eq. 4 (token), MetaFormer
///   arXiv:2210.13452 (hidden layer), DeiT arXiv:2012.12877 section 4 (distilled).
/// Deviates: distilled answers by the mean in training too, where there is no teacher.
class Classifier final : public Head, public Adaptable, public AnswersTeacher {
 public:
  using Options = ClassifierOptions;
  Classifier(const Options& options, const BuildContext& context);
  torch::Tensor forward(const Features& features) override;
  TaughtAnswers taught_answers(const Features& features) override;
  void initialize() override;
  /// Last layers of other classes begin anew.
  Adapted adapt(const std::string& name, const torch::Tensor& value) const override;

 private:
  std::vector<torch::nn::Linear> last_layers() const;
  torch::Tensor pooled(const torch::Tensor& tokens) const;

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
  LayerPtr pooled_norm_distilled_;
  torch::nn::Linear last_distilled_{nullptr};  // empty unless distilled
};

}  // namespace mixwright::heads
