#pragma once

#include <functional>

#include "graph.h"

namespace mixwright::energy {

/// Some tensors of some tensors, as many of each as it likes.
using TensorsFunction = std::function<Tensors(const Tensors&)>;

/// f(inputs) that keeps only the inputs for the backward pass and computes the rest again there.
/// `parameters` are what f reads beside its inputs; their gradients come out where autograd looks
/// for them. f draws nothing random.
/// Source: T. Chen et al. 2016, arXiv:1604.06174.
Tensors recomputed(const TensorsFunction& f, const Tensors& inputs, const Tensors& parameters);

/// When the backward pass of a fixed point has converged.
struct AdjointLimits {
  double tolerance = 1e-6;  ///< relative change
  int64_t iterations = 1000;
};

/// The fixed point z = f(z, constants), with the gradients of the implicit function theorem: the
/// cotangent w solves w = v + J^T w with J = df/dz, then flows into constants and parameters.
/// `point` is the fixed point, found without gradients; memory does not depend on how.
/// Throws in the backward pass: Error where w does not converge.
/// Source: Bai, Kolter, Koltun 2019, arXiv:1909.01377 theorem 1.
Tensors implicit(const TensorsFunction& f,
                 const Tensors& point,
                 const Tensors& constants,
                 const Tensors& parameters,
                 const AdjointLimits& limits);

}  // namespace mixwright::energy
