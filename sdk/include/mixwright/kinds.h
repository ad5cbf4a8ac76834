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

/// A scalar function of each feature.
class MIXWRIGHT_API Activation : public Layer {
 public:
  static constexpr const char* kKind = "activation";
  ~Activation() override;

  /// The function's name where a product may compute it in passing: "relu", "gelu" (by erf),
  /// "gelu_tanh", "silu", "sigmoid", "tanh", "hard_swish", "hard_sigmoid". "": it must be asked.
  virtual std::string function_name() const;
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
