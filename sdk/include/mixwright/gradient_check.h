#pragma once

#include <functional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <mixwright/export.h>

namespace mixwright {

/// A function of some tensors, for example of a layer's input and its parameters.
using TensorFunction = std::function<torch::Tensor(const std::vector<torch::Tensor>&)>;

/// Compares autograd's directional derivative of `function` with central differences,
///   <c, J d> against (<c, f(x + h d)> - <c, f(x - h d)>) / 2h,  h = 1e-6,
/// for one random cotangent c and one random direction d over all of `points` at once. `points` are
/// float64 tensors of any shape; they are moved while it runs and end where they began, to
/// rounding. A point that `function` does not use counts as one without influence.
///
/// Returns "" where the two agree to 1e-4 of the sum of the points' shares, otherwise what differs.
/// Random numbers come from LibTorch's default generator.
/// Throws: Error where a point is not float64.
MIXWRIGHT_API std::string gradient_failure(const TensorFunction& function,
                                           const std::vector<torch::Tensor>& points);

}  // namespace mixwright
