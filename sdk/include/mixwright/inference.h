#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/export.h>
#include <mixwright/layers.h>
#include <mixwright/part.h>

namespace mixwright {

/// y = scale x + shift for every channel: what batch norm is in evaluation.
/// Both [C], float64, on the CPU.
struct MIXWRIGHT_API ChannelMap {
  torch::Tensor scale;
  torch::Tensor shift;

  /// This map, then another one.
  ChannelMap then(const ChannelMap& next) const;
};

/// What stands around a layer and may be done within it: next(after(layer(before(x)))). Each may be
/// empty.
struct MIXWRIGHT_API Surroundings {
  std::optional<ChannelMap> before;
  std::optional<ChannelMap> after;
  LayerPtr activation;  ///< one whose function_name() is not empty

  bool empty() const { return !before && !after && !activation; }
  /// The activation's name, "" for none.
  std::string function() const;
};

/// What a layer does to features of `channels` channels on a grid of `rank` dimensions in
/// evaluation, where that is a scale and a shift of channels and nothing else; a null layer does
/// nothing. It is asked about zeros, ones and other numbers, so that no layer need be known by
/// name. `options`: type and device of its weights.
MIXWRIGHT_API std::optional<ChannelMap> channel_map(const LayerPtr& layer,
                                                    int64_t channels,
                                                    int64_t rank,
                                                    const torch::TensorOptions& options);

/// y = f(W x + b) over the last dimension with weights that were laid out for the processor once,
/// W [out, in]; f runs over the product while it lies in the cache.
/// Without gradients. On processors, in float32, by oneDNN; else by LibTorch's own operators.
class MIXWRIGHT_API PackedLinear {
 public:
  PackedLinear() = default;
  /// `bias` [out] may be undefined. Takes before, after and activation of `around` with it.
  PackedLinear(const torch::Tensor& weight,
               const torch::Tensor& bias,
               const Surroundings& around = {});

  /// [..., in] -> [..., out]
  torch::Tensor operator()(const torch::Tensor& x) const;
  /// sum + y, [..., out].
  torch::Tensor added_to(const torch::Tensor& sum, const torch::Tensor& x) const;
  int64_t in() const { return in_; }
  int64_t out() const { return out_; }
  bool is_packed() const { return packed_.defined(); }

 private:
  int64_t in_ = 0;
  int64_t out_ = 0;
  torch::Tensor weight_;  // [out, in]
  torch::Tensor packed_;  // the same in oneDNN's layout; undefined without oneDNN
  torch::Tensor bias_;
  LayerPtr activation_;
  std::string function_;
};

/// The same for a convolution over the grid.
class MIXWRIGHT_API PackedConvolution {
 public:
  PackedConvolution() = default;
  /// A shift in front of padding cannot be taken along: ask can_take.
  explicit PackedConvolution(const GridConvolution& conv, const Surroundings& around = {});
  static bool can_take(const GridConvolution& conv, const Surroundings& around);

  /// [B, *grid, in] -> [B, *grid, out]
  torch::Tensor operator()(const torch::Tensor& x) const;

 private:
  GridConvolution conv_{nullptr};
  torch::Tensor packed_;
  LayerPtr activation_;
  std::string function_;
};

/// A form that can add what it makes to something while that lies in the cache.
class MIXWRIGHT_API AddingLayer : public Layer {
 public:
  ~AddingLayer() override;
  /// sum + layer(x), a new tensor.
  virtual torch::Tensor added_to(const torch::Tensor& sum,
                                 const torch::Tensor& x,
                                 const Context& context) = 0;
  /// The same; an exception leaves it with the layer's path.
  torch::Tensor add_to(const torch::Tensor& sum, const torch::Tensor& x, const Context& context);
};

/// sum + layer(x), by what an AddingLayer has for it. A null layer returns x.
MIXWRIGHT_API torch::Tensor added(const torch::Tensor& sum,
                                  const LayerPtr& layer,
                                  const torch::Tensor& x,
                                  const Context& context);

/// [B, N, C] -> [B, C, N] in memory, faster than LibTorch's copy; and sum + that, of sum's shape.
MIXWRIGHT_API torch::Tensor transposed(const torch::Tensor& x);
MIXWRIGHT_API torch::Tensor plus_transposed(const torch::Tensor& sum, const torch::Tensor& x);

/// Products as layers, whose form for inference is the packed one: to be given to `fused`.
/// `out_shape`: what comes out of them.
MIXWRIGHT_API LayerPtr as_layer(const torch::Tensor& weight,
                                const torch::Tensor& bias,
                                const Shape& out_shape);
MIXWRIGHT_API LayerPtr as_layer(const GridConvolution& conv, const Shape& out_shape);

/// Layers one after the other in their form for inference, in which each takes along what it can
/// of the norms before it and the norms and activations behind it:
///
///   fused({as_layer(fc1), activation_, as_layer(fc2), norm_}, around)
///
/// A layer without a form runs as it is. Null entries are left out. Null where `around` is not
/// taken along, or there is nothing to gain.
MIXWRIGHT_API LayerPtr fused(const std::vector<LayerPtr>& layers, const Surroundings& around = {});

}  // namespace mixwright
