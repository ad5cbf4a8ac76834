#include "convolutional.h"
#include "current.h"
#include "dense.h"
#include "ham.h"
#include "memories.h"
#include "multiway.h"
#include "norms.h"
#include "pointwise.h"
#include "polynomial.h"
#include "rectified_polynomial.h"
#include "shared.h"
#include "softmax.h"

namespace energy = mixwright::energy;

MIXWRIGHT_PLUGIN(
    "energy",
    "1.0.0",
    "Apache-2.0",
    lagrangian<energy::Pointwise<energy::Identity>>("identity", "g = x", "arXiv:2107.06446"),
    lagrangian<energy::RectifiedPolynomial>("rectified_polynomial",
                                            "g = max(x, 0)^(n - 1)",
                                            "arXiv:1606.01164"),
    lagrangian<energy::Polynomial>("polynomial", "g = x^(n - 1)", "arXiv:1606.01164"),
    lagrangian<energy::Pointwise<energy::Relu>>("relu", "g = max(x, 0)", "arXiv:2107.06446"),
    lagrangian<energy::Pointwise<energy::Gelu>>("gelu",
                                                "g = x times the normal distribution; not convex",
                                                "arXiv:2406.12220"),
    lagrangian<energy::Softmax>("softmax", "log-sum-exp, g = softmax(beta x)", "arXiv:2008.06996"),
    lagrangian<energy::LayerNormLagrangian>("layer_norm",
                                            "g = layer norm of x, one scale",
                                            "arXiv:2112.15097"),
    lagrangian<energy::SphericalNormLagrangian>("spherical_norm",
                                                "g = x over its length",
                                                "arXiv:2008.06996"),
    lagrangian<energy::Pointwise<energy::Sigmoid>>("sigmoid",
                                                   "g = 1 / (1 + exp(-x))",
                                                   "arXiv:2107.06446"),
    lagrangian<energy::Pointwise<energy::Tanh>>("tanh", "g = tanh x", "arXiv:2107.06446"),
    lagrangian<energy::Pointwise<energy::Exponential>>("exponential",
                                                       "g = exp x",
                                                       "arXiv:1702.01929"),
    synapse<energy::Dense>("dense",
                           "every unit of one layer with every one of another",
                           "arXiv:2107.06446"),
    synapse<energy::Shared>("shared",
                            "one weight for all channels or all tokens, as in a mixer",
                            "arXiv:2406.12220"),
    synapse<energy::Convolutional>("convolutional",
                                   "feature maps through a window",
                                   "arXiv:2107.06446"),
    synapse<energy::Multiway>("multiway",
                              "two to eight layers that meet in one product",
                              "arXiv:2107.06446"),
    synapse<energy::Memories>("memories",
                              "stored patterns that one layer falls into",
                              "arXiv:2008.02217"),
    synapse<energy::Current>("current", "a constant current into one layer", "arXiv:2107.06446"),
    network<energy::Ham>("ham",
                         "hierarchical associative memory as the whole network",
                         "arXiv:2107.06446")
        .needs(mixwright::kFixedTokens)
        .example(R"(steps = 4
output = "activation"
layer = [
  { name = "visible", lagrangian = { type = "layer_norm", learned = "elementwise" } },
  { name = "hidden", shape = [32], lagrangian = "relu" } ]
connection = [{ layers = ["hidden", "visible"], synapse = { type = "dense", init_std = 0.1 } }])"),
    block<energy::Ham>("ham", "hierarchical associative memory as a block", "arXiv:2107.06446")
        .needs(mixwright::kFixedTokens)
        .example(R"(layer = [
  { name = "visible", lagrangian = { type = "layer_norm", learned = "elementwise" } },
  { name = "hidden", shape = [32], lagrangian = "relu", motion = "adiabatic" } ]
connection = [{ layers = ["hidden", "visible"], synapse = { type = "dense", init_std = 0.1 } }])"))
