#pragma once

#include <mixwright/component.h>
#include <mixwright/part.h>

namespace mixwright {

/// Mixes along the grid: [batch, *grid, C] -> the same.
class MIXWRIGHT_API TokenMixer : public Layer {
 public:
  static constexpr const char* kKind = "token_mixer";
  ~TokenMixer() override;
};

/// Mixes along the channels, each token alone: [batch, *grid, C] -> the same.
class MIXWRIGHT_API ChannelMixer : public Layer {
 public:
  static constexpr const char* kKind = "channel_mixer";
  ~ChannelMixer() override;
};

/// Normalises: [batch, *grid, C] -> the same.
class MIXWRIGHT_API Normalization : public Layer {
 public:
  static constexpr const char* kKind = "normalization";
  ~Normalization() override;
};

/// A function of each feature, or of the features that stand together (softmax); keeps the shape.
class MIXWRIGHT_API Activation : public Layer {
 public:
  static constexpr const char* kKind = "activation";
  ~Activation() override;

  /// The function's name where a product may compute it in passing: "relu", "gelu" (by erf),
  /// "gelu_tanh", "silu", "sigmoid", "tanh", "hard_swish", "hard_sigmoid". "": it must be asked.
  virtual std::string function_name() const;
};

/// Turns what comes in into an operand of an Interaction: [B, *grid, C] -> [B, *grid', C'], as
/// out_shape says; the channels that the part around it wishes for are `context.dim`. Any layer may
/// be registered as one; derive from this class where is_static matters.
class MIXWRIGHT_API Projection : public Layer {
 public:
  static constexpr const char* kKind = "projection";
  ~Projection() override;
  /// Whether the answer is [1, *grid', C'], the same for every sample: learned keys and values,
  /// kernels.
  virtual bool is_static() const { return false; }
};

/// Lets two operands meet: a query a key, or coefficients a value.
///
/// left [B, *grid, C] and right [R, *grid', C'] -> [B, *grid", C"], as out_shape says. R divides B,
/// and row b of the left one meets row b mod R of the right one: R = 1 for a static operand, B for
/// one that is made of the input, the number of heads for a static one that is split.
class MIXWRIGHT_API Interaction : public Part {
 public:
  using Interface = Interaction;
  static constexpr const char* kKind = "interaction";
  ~Interaction() override;

  /// Override this one, or forward_in_context, whose padding mask, where it is defined, is that of
  /// the right operand's tokens.
  virtual torch::Tensor forward(const torch::Tensor& left, const torch::Tensor& right);
  virtual torch::Tensor forward_in_context(const torch::Tensor& left,
                                           const torch::Tensor& right,
                                           const Context& context);
  /// Runs it; an exception leaves it with the interaction's path.
  torch::Tensor operator()(const torch::Tensor& left,
                           const torch::Tensor& right,
                           const Context& context);

  /// The context that an interaction is built with: `shape` is the left operand's.
  static BuildContext between(const BuildContext& context, const Shape& left, const Shape& right);
  /// The right operand's shape, in such a context.
  static const Shape& right_shape(const BuildContext& context);

  /// What comes out; the left operand's shape unless the constructor said otherwise.
  const Shape& out_shape() const { return out_shape_; }
  void set_out_shape(Shape shape);
  bool has_out_shape() const { return has_out_shape_; }

 private:
  Shape out_shape_;
  bool has_out_shape_ = false;
};

/// Combines mixers and norms: [batch, *grid, C] -> the same. `repeat` is an option of every
/// block: it is applied that often in place, with the same weights.
class MIXWRIGHT_API Block : public Layer {
 public:
  static constexpr const char* kKind = "block";
  ~Block() override;
};

/// Changes grid and channels: patches, stem, merging, token ids. Sets its out_shape with
/// `context.dim` channels.
class MIXWRIGHT_API Embedding : public Layer {
 public:
  static constexpr const char* kKind = "embedding";
  ~Embedding() override;
};

/// What a head may look at.
struct MIXWRIGHT_API Features {
  torch::Tensor input;                ///< kept where a head needs it
  std::vector<torch::Tensor> stages;  ///< every stage's output, where a head needs them
  torch::Tensor last;                 ///< the last stage's output
};

/// Turns features into the network's answer.
class MIXWRIGHT_API Head : public Part {
 public:
  using Interface = Head;
  static constexpr const char* kKind = "head";
  ~Head() override;

  virtual torch::Tensor forward(const Features& features) = 0;
  virtual bool needs_input() const { return false; }
  virtual bool needs_stages() const { return false; }
  /// Runs the head; an exception leaves it with the head's path.
  torch::Tensor operator()(const Features& features);
};

}  // namespace mixwright
