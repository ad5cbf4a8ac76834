#include "leaky_relu.h"
#include "pointwise.h"
#include "softmax.h"
#include "star_relu.h"

namespace functions = mixwright::activations;
using functions::LeakyRelu;
using functions::Pointwise;
using functions::Softmax;
using functions::StarRelu;

MIXWRIGHT_PLUGIN(
    "activations",
    "1.0.0",
    "Apache-2.0",
    activation<Pointwise<functions::gelu>>("gelu",
                                           "x times the normal distribution, exact (erf)",
                                           "arXiv:1606.08415"),
    activation<Pointwise<functions::gelu_tanh>>("gelu_tanh",
                                                "gelu approximated by tanh",
                                                "arXiv:1606.08415"),
    activation<Pointwise<functions::relu>>(
        "relu",
        "max(x, 0)",
        "K. Fukushima, Visual Feature Extraction by a Multilayered Network of Analog Threshold "
        "Elements, 1969"),
    activation<Pointwise<functions::relu6>>("relu6", "min(max(x, 0), 6)", "arXiv:1704.04861"),
    activation<LeakyRelu>("leaky_relu",
                          "x, below zero times a slope",
                          "A. Maas, A. Hannun, A. Ng, Rectifier Nonlinearities Improve Neural "
                          "Network Acoustic Models, 2013"),
    activation<Pointwise<functions::squared_relu>>("squared_relu",
                                                   "max(x, 0) squared",
                                                   "arXiv:2109.08668"),
    activation<StarRelu>("star_relu",
                         "squared ReLU with learned scale and bias",
                         "arXiv:2210.13452"),
    activation<Pointwise<functions::silu>>("silu", "x times sigmoid(x)", "arXiv:1606.08415"),
    activation<Pointwise<functions::hard_swish>>("hard_swish",
                                                 "x times hard sigmoid",
                                                 "arXiv:1905.02244"),
    activation<Pointwise<functions::hard_sigmoid>>("hard_sigmoid",
                                                   "relu6(x + 3) / 6",
                                                   "arXiv:1905.02244"),
    activation<Pointwise<functions::sigmoid>>("sigmoid",
                                              "1 / (1 + exp(-x))",
                                              "the logistic function"),
    activation<Softmax>("softmax",
                        "shares that add up to one, over channels or tokens",
                        "J. Bridle, Probabilistic Interpretation of Feedforward Classification "
                        "Network Outputs, 1990"),
    activation<Pointwise<functions::tanh>>("tanh", "hyperbolic tangent", "the hyperbolic tangent"))
