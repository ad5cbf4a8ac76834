#include <algorithm>
#include <cmath>

#include <mixwright/error.h>
#include <mixwright/layers.h>
#include <mixwright/shape.h>

#include "depthwise_convolution.h"

namespace mixwright {

namespace {

/// Identity whose backward makes the gradient contiguous: a convolution of LibTorch may return one
/// in another memory format, and no part permutes memory for its neighbours.
struct ContiguousGradient : torch::autograd::Function<ContiguousGradient> {
  static torch::Tensor forward(torch::autograd::AutogradContext*, const torch::Tensor& x) {
    return x.view_as(x);
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext*,
                                               torch::autograd::tensor_list gradients) {
    return {gradients[0].contiguous()};
  }
};

std::vector<int64_t> filled(std::vector<int64_t> sizes, size_t rank, int64_t value) {
  if (sizes.empty()) sizes.assign(rank, value);
  return sizes;
}

/// One more dimension in front of the grid's sizes, which makes a sequence a picture of height 1.
std::vector<int64_t> raised(const std::vector<int64_t>& sizes, int64_t value) {
  std::vector<int64_t> result = {value};
  result.insert(result.end(), sizes.begin(), sizes.end());
  return result;
}

torch::Tensor convolve_pictures(const torch::Tensor& x,
                                const torch::Tensor& weight,
                                const torch::Tensor& bias,
                                const std::vector<int64_t>& stride,
                                const std::vector<int64_t>& padding,
                                int64_t groups) {
  if (groups > 1 && has_fast_depthwise(x, weight, stride, padding)) {
    return depthwise_convolution(x, weight, bias, padding);
  }
  return torch::conv2d(x, weight, bias, stride, padding, 1, groups);
}

/// x [B, C, *grid], weight [out, C / groups, *kernel]; `pad_behind` is what even kernels pad more
/// behind than before, empty for none.
torch::Tensor convolve_grid(const torch::Tensor& x,
                            const torch::Tensor& weight,
                            const torch::Tensor& bias,
                            const ConvolutionSizes& sizes,
                            std::vector<int64_t> pad_behind) {
  std::vector<int64_t> padding = sizes.padding;
  std::vector<int64_t> before(padding.size(), 0);
  // LibTorch 2.13.0 with AVX-512: the weight gradient of a grouped bfloat16 conv3d in channels last
  // is wrong, and memory is overwritten, where the depth is smaller than the kernel (oneDNN 3.12).
  // Padded beforehand the depth is not smaller. Whatever the type: autocast decides it later.
  const bool shallow = padding.size() == 3 && x.size(2) < sizes.kernel[0];
  const bool uneven = !pad_behind.empty();
  pad_behind.resize(padding.size(), 0);
  if (shallow) {
    before[0] = padding[0];
    pad_behind[0] += padding[0];
    padding[0] = 0;
  }
  torch::Tensor in = x;
  if (uneven || shallow) {
    std::vector<int64_t> pad;
    for (size_t i = before.size(); i-- > 0;) {  // last dimension first
      pad.push_back(before[i]);
      pad.push_back(pad_behind[i]);
    }
    in = torch::constant_pad_nd(in, pad);
  }
  if (sizes.kernel.size() == 1) {
    return convolve_pictures(in.unsqueeze(2),
                             weight.unsqueeze(2),
                             bias,
                             raised(sizes.stride, 1),
                             raised(padding, 0),
                             sizes.groups)
        .squeeze(2);
  }
  if (sizes.kernel.size() == 2) {
    return convolve_pictures(in, weight, bias, sizes.stride, padding, sizes.groups);
  }
  return torch::conv3d(in, weight, bias, sizes.stride, padding, 1, sizes.groups);
}

/// Runs a convolution on [B, *grid, C] without a permuted copy.
template <class Convolve>
torch::Tensor over_grid(const torch::Tensor& x, const Convolve& convolve) {
  // [B, *grid, C] -> [B, C, *grid], a view that LibTorch knows as channels last
  const torch::Tensor y = convolve(contiguous_gradient(x).movedim(-1, 1)).movedim(1, -1);
  return contiguous_gradient(y.contiguous());
}

}  // namespace

torch::Tensor contiguous_gradient(const torch::Tensor& x) {
  return x.requires_grad() ? ContiguousGradient::apply(x) : x;
}

torch::Tensor flatten_grid(const torch::Tensor& x) {
  return x.flatten(1, -2);
}

torch::Tensor drop_path(const torch::Tensor& x, double rate, bool training) {
  if (!training || rate <= 0) return x;
  std::vector<int64_t> sizes(static_cast<size_t>(x.dim()), 1);
  sizes[0] = x.size(0);
  const double keep = 1 - rate;
  const torch::Tensor mask = torch::empty(sizes, x.options()).bernoulli_(keep);
  return x * mask / keep;
}

void GridConvolutionImpl::complete_sizes() {
  const size_t rank = sizes_.kernel.size();
  if (rank < 1 || rank > 3) {
    throw Error("a convolution works on grids of 1 to 3 dimensions, this grid has " +
                std::to_string(rank));
  }
  if (sizes_.in % sizes_.groups != 0 || sizes_.out % sizes_.groups != 0) {
    throw Error("channels in = " + std::to_string(sizes_.in) +
                " and out = " + std::to_string(sizes_.out) +
                " must be multiples of groups = " + std::to_string(sizes_.groups));
  }
  sizes_.stride = filled(sizes_.stride, rank, 1);
  pad_behind_.assign(rank, 0);
  if (sizes_.padding.empty()) {
    for (size_t i = 0; i < rank; ++i) {
      sizes_.padding.push_back((sizes_.kernel[i] - 1) / 2);
      pad_behind_[i] = (sizes_.kernel[i] - 1) % 2;
      uneven_ = uneven_ || pad_behind_[i] != 0;
    }
  }
}

GridConvolutionImpl::GridConvolutionImpl(ConvolutionSizes sizes) : sizes_(std::move(sizes)) {
  complete_sizes();
  std::vector<int64_t> shape = {sizes_.out, sizes_.in / sizes_.groups};
  shape.insert(shape.end(), sizes_.kernel.begin(), sizes_.kernel.end());
  weight = register_parameter("weight", torch::empty(shape));
  if (sizes_.bias) bias = register_parameter("bias", torch::empty({sizes_.out}));
  reset_parameters();
}

GridConvolutionImpl::GridConvolutionImpl(ConvolutionSizes sizes,
                                         torch::Tensor weight_values,
                                         torch::Tensor bias_values)
    : weight(std::move(weight_values)), bias(std::move(bias_values)), sizes_(std::move(sizes)) {
  complete_sizes();
  register_weights();
}

GridConvolutionImpl::GridConvolutionImpl(const GridConvolutionImpl& like,
                                         torch::Tensor weight_values,
                                         torch::Tensor bias_values)
    : weight(std::move(weight_values)),
      bias(std::move(bias_values)),
      sizes_(like.sizes_),
      pad_behind_(like.pad_behind_),
      uneven_(like.uneven_) {
  register_weights();
}

void GridConvolutionImpl::register_weights() {
  sizes_.bias = bias.defined();
  register_parameter("weight", weight, weight.requires_grad());
  if (bias.defined()) register_parameter("bias", bias, bias.requires_grad());
}

bool GridConvolutionImpl::is_padded() const {
  const auto is_some = [](int64_t width) { return width != 0; };
  return uneven_ || std::any_of(sizes_.padding.begin(), sizes_.padding.end(), is_some);
}

void GridConvolutionImpl::reset_parameters() {
  torch::nn::init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const double fan_in = static_cast<double>(weight[0].numel());
  torch::nn::init::uniform_(bias, -1 / std::sqrt(fan_in), 1 / std::sqrt(fan_in));
}

std::vector<int64_t> GridConvolutionImpl::out_grid(const std::vector<int64_t>& grid) const {
  std::vector<int64_t> result;
  for (size_t i = 0; i < grid.size(); ++i) {
    const int64_t room = grid[i] + 2 * sizes_.padding[i] + pad_behind_[i] - sizes_.kernel[i];
    if (room < 0) {
      throw Error("kernel " + list_text(sizes_.kernel) + " is larger than the grid " +
                  list_text(grid));
    }
    result.push_back(room / sizes_.stride[i] + 1);
  }
  return result;
}

torch::Tensor GridConvolutionImpl::forward(const torch::Tensor& x) {
  return over_grid(repeated_channels(x), [this](const torch::Tensor& in) { return convolve(in); });
}

torch::Tensor GridConvolutionImpl::repeated_channels(const torch::Tensor& x) const {
  // oneDNN is fast for one output of one channel alone.
  if (sizes_.groups == 1 || sizes_.groups != sizes_.in || sizes_.out == sizes_.in) return x;
  std::vector<int64_t> shape = x.sizes().vec();
  shape.push_back(sizes_.out / sizes_.in);
  return x.unsqueeze(-1).expand(shape).flatten(-2);  // [B, *grid, C] -> [B, *grid, out]
}

int64_t GridConvolutionImpl::groups_in_use() const {
  return sizes_.groups > 1 && sizes_.groups == sizes_.in ? sizes_.out : sizes_.groups;
}

torch::Tensor GridConvolutionImpl::convolve(const torch::Tensor& x) {
  ConvolutionSizes sizes = sizes_;
  sizes.groups = groups_in_use();
  return convolve_grid(x, weight, bias, sizes, uneven_ ? pad_behind_ : std::vector<int64_t>());
}

torch::Tensor depthwise_over_grid(const torch::Tensor& x,
                                  const torch::Tensor& kernel,
                                  const torch::Tensor& bias) {
  ConvolutionSizes sizes;
  sizes.kernel = kernel.sizes().slice(2).vec();
  sizes.stride.assign(sizes.kernel.size(), 1);
  for (const int64_t side : sizes.kernel) {
    if (side % 2 == 0) throw Error("kernel " + list_text(sizes.kernel) + " must have odd sides");
    sizes.padding.push_back(side / 2);
  }
  sizes.groups = x.size(-1);
  return over_grid(
      x, [&](const torch::Tensor& in) { return convolve_grid(in, kernel, bias, sizes, {}); });
}

void require_plain_grid(const Shape& shape, const std::string& who) {
  if (shape.prefix_tokens == 0) return;
  throw Error(who + " needs a plain grid, this one begins with prefix tokens (" +
              std::to_string(shape.prefix_tokens) + "); leave out the class token");
}

}  // namespace mixwright
