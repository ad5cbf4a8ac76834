#pragma once

#include <string>
#include <vector>

#include <torch/torch.h>

namespace mixwright::model {

/// How the dimensions of a tensor are named on either side of a weight map, so that it can be read
/// in both directions:
///
///     "o i 1 1 -> o i"         a 1x1 convolution's weight as a linear layer's
///     "(h w) c -> h w c"       tokens as a grid
///     "a b c -> c a b"         another order
///
/// A word is a dimension, `1` one of size 1, parentheses several that lie in one, the last varying
/// fastest. Both sides have the same words, each once. The notation is that of einops (Rogozhnikov
/// 2022).
class AxisPattern {
 public:
  explicit AxisPattern(const std::string& text);  // throws UsageError

  /// A view or copy of `x` as the right side says. Sizes that the left side leaves open, such as
  /// those within parentheses, are taken from `target`, the shape that is to come out; it may be
  /// empty. Throws: Error where `x` is not as the left side says or a size remains open.
  torch::Tensor apply(const torch::Tensor& x, at::IntArrayRef target) const;
  /// Right to left.
  AxisPattern inverted() const;

  /// Dimensions of what comes in.
  size_t rank() const { return left_.size(); }
  std::string text() const;

 private:
  using Group = std::vector<std::string>;  // empty: `1`
  AxisPattern() = default;
  static std::vector<Group> parse_side(const std::string& side, const std::string& text);
  std::vector<std::string> words(const std::vector<Group>& side) const;

  std::vector<Group> left_;
  std::vector<Group> right_;
};

}  // namespace mixwright::model
