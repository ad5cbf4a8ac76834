#pragma once

#include <cstdint>
#include <optional>

#include <torch/torch.h>

#include <mixwright/adaptable.h>
#include <mixwright/key_value_memory.h>
#include <mixwright/kinds.h>
#include <mixwright/shape.h>

namespace mixwright::mlp {

/// The functions of a KeyValueMemory, for layers that are none.
struct HiddenUnits {
  virtual ~HiddenUnits() = default;
  virtual torch::Tensor coefficients(const torch::Tensor& x, const Context& context) = 0;
  virtual torch::Tensor values() const = 0;
};

/// A mixer with weights for each token, which belong to one count of tokens.
class FixedTokenMixer : public TokenMixer, public Adaptable {
 public:
  /// Always refuses: says that tokens have no order by which weights could be interpolated.
  Adapted adapt(const std::string& name, const torch::Tensor& value) const final;
};

/// The tokens as the axis that a product runs over: y[b, o, c] = sum_n W[o, n] x[b, n, c] +
/// bias[o].
struct TokenAxis {
  using Kind = FixedTokenMixer;
  using Memory = HiddenUnits;            ///< no memory: a unit looks at one channel of all tokens
  static constexpr double kRatio = 0.5;  ///< arXiv:2105.01601 table 1: D_S = C / 2

  static int64_t size(const Shape& shape) { return shape.tokens(); }
  /// What the nested parts between two products see: [batch, hidden, C].
  static Shape hidden_shape(const Shape& shape, int64_t hidden);
  /// Refuses an input with other than `size` tokens; [batch, *grid, C] -> [batch, N, C], a view.
  static torch::Tensor open(const torch::Tensor& x, int64_t size);
  /// `weight` [out, N], `bias` [out] or undefined.
  static torch::Tensor apply(const torch::Tensor& x,
                             const torch::Tensor& weight,
                             const torch::Tensor& bias = {});
};

/// The channels as that axis: y[..., o] = sum_c W[o, c] x[..., c] + bias[o].
struct ChannelAxis {
  using Kind = ChannelMixer;
  using Memory = KeyValueMemory;
  static constexpr double kRatio = 4.0;  ///< arXiv:2105.01601 table 1: D_C = 4 C

  static int64_t size(const Shape& shape) { return shape.channels; }
  static Shape hidden_shape(const Shape& shape, int64_t hidden);
  /// Refuses an input with other than `size` channels; x itself.
  static torch::Tensor open(const torch::Tensor& x, int64_t size);
  static torch::Tensor apply(const torch::Tensor& x,
                             const torch::Tensor& weight,
                             const torch::Tensor& bias = {});
};

/// `hidden` where it is given, else ratio x C, cut to an integer as the published code does.
/// Token mixers follow the embedding width C too, not their token count.
int64_t hidden_width(const std::optional<int64_t>& hidden, double ratio, int64_t channels);

}  // namespace mixwright::mlp
