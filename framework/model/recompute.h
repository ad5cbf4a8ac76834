#pragma once

#include <torch/torch.h>

#include <mixwright/kinds.h>

namespace mixwright::model {

/// y = layer(x) that keeps only x for the backward pass and computes the rest again there: memory
/// for one layer at a time, a third more work for the training.
///
/// Drawn numbers (dropout, stochastic depth) and autocast are the same the second time, buffers
/// such as running statistics move once. Gradients of the layer's parameters are added where they
/// belong, so only `backward()` finds them, `autograd::grad` does not.
/// Source: T. Chen et al. 2016, arXiv:1604.06174.
torch::Tensor recomputed(const LayerPtr& layer, const torch::Tensor& x, const Context& context);

}  // namespace mixwright::model
