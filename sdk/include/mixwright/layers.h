#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/export.h>
#include <mixwright/shape.h>

namespace mixwright {

/// Channels, window and step of a GridConvolution.
struct MIXWRIGHT_API ConvolutionSizes {
  int64_t in = 0;
  int64_t out = 0;
  std::vector<int64_t> kernel;   ///< one size per grid dimension
  std::vector<int64_t> stride;   ///< empty: 1
  std::vector<int64_t> padding;  ///< empty: (kernel - 1) / 2, which keeps the grid at stride 1
  int64_t groups = 1;
  bool bias = true;
};

/// Convolution over the grid of [batch, *grid, C], one, two or three dimensions, without a
/// permuted copy: y = W * x + b, weight [out, in / groups, *kernel], bias [out].
/// One dimension runs as a picture of height one (conv1d would copy and lose the layout), and
/// outputs and input gradients are contiguous in every dtype.
/// Even kernels pad one more behind than before ("same").
class MIXWRIGHT_API GridConvolutionImpl : public torch::nn::Module {
 public:
  explicit GridConvolutionImpl(ConvolutionSizes sizes);
  /// With weights that are there already; `bias` may be undefined, whatever sizes.bias says.
  GridConvolutionImpl(ConvolutionSizes sizes, torch::Tensor weight, torch::Tensor bias);
  /// The same window, steps and padding as `like`, with other weights of the same shape.
  GridConvolutionImpl(const GridConvolutionImpl& like, torch::Tensor weight, torch::Tensor bias);
  torch::Tensor forward(const torch::Tensor& x);
  void reset_parameters();  ///< Kaiming uniform with a = sqrt(5), LibTorch's own default
  std::vector<int64_t> out_grid(const std::vector<int64_t>& grid) const;
  const ConvolutionSizes& sizes() const { return sizes_; }
  /// Whether it runs as one convolution over pictures with the same padding in front and behind.
  bool is_picture() const { return sizes_.kernel.size() < 3 && !uneven_; }
  /// Whether it looks at anything outside of the grid.
  bool is_padded() const;
  /// x as the product wants it: where several outputs look at one channel alone, each channel
  /// repeated for each of them, so that it is a depthwise convolution of groups_in_use() channels.
  torch::Tensor repeated_channels(const torch::Tensor& x) const;
  int64_t groups_in_use() const;

  torch::Tensor weight;
  torch::Tensor bias;  ///< undefined without bias

 private:
  void complete_sizes();
  void register_weights();
  torch::Tensor convolve(const torch::Tensor& x);
  ConvolutionSizes sizes_;
  std::vector<int64_t> pad_behind_;  // extra padding behind for even kernels
  bool uneven_ = false;
};
TORCH_MODULE(GridConvolution);

/// Convolution of each channel apart, with a kernel that is data: y = K * x + b over the grid of x
/// [B, *grid, C], one to three dimensions, stride 1, the grid kept. kernel [C, 1, *sizes], sizes
/// odd; bias [C] or undefined. Layout, gradients and speed as GridConvolution.
MIXWRIGHT_API torch::Tensor depthwise_over_grid(const torch::Tensor& x,
                                                const torch::Tensor& kernel,
                                                const torch::Tensor& bias = {});

/// Refuses a grid that begins with prefix tokens; `who` says who cannot do with them.
MIXWRIGHT_API void require_plain_grid(const Shape& shape, const std::string& who);

/// x, with a gradient that is made contiguous on its way back.
MIXWRIGHT_API torch::Tensor contiguous_gradient(const torch::Tensor& x);

/// [batch, *grid, C] -> [batch, N, C]: the grid flattened, a view.
MIXWRIGHT_API torch::Tensor flatten_grid(const torch::Tensor& x);

/// [batch, *grid, C] -> [batch, *grid, C] applied as [batch, C, N] to `mix` and back.
template <class Mix>
torch::Tensor mix_tokens(const torch::Tensor& x, const Mix& mix) {
  const torch::Tensor tokens = flatten_grid(x).transpose(1, 2);  // [B, N, C] -> [B, C, N]
  return mix(tokens).transpose(1, 2).contiguous().view(x.sizes());
}

/// y = x W^T + b over the last dimension, W [out, in], b [out] or undefined, by the faster of the
/// libraries that LibTorch holds. Use it in place of torch::nn::Linear's own forward.
MIXWRIGHT_API torch::Tensor apply_linear(const torch::Tensor& x,
                                         const torch::Tensor& weight,
                                         const torch::Tensor& bias = {});
MIXWRIGHT_API torch::Tensor apply_linear(const torch::Tensor& x, const torch::nn::Linear& layer);
/// The same over the tokens: y[b, :, c] = W x[b, :, c] + bias of x [B, N, C], W [out, N].
MIXWRIGHT_API torch::Tensor apply_linear_to_tokens(const torch::Tensor& x,
                                                   const torch::Tensor& weight,
                                                   const torch::Tensor& bias = {});

/// Stochastic depth per sample: during training x is zeroed with `rate` and else divided by
/// 1 - rate; arXiv:1603.09382.
MIXWRIGHT_API torch::Tensor drop_path(const torch::Tensor& x, double rate, bool training);

}  // namespace mixwright
