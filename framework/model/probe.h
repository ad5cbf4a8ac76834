#pragma once

#include "framework/model/network.h"
#include "framework/model/weight_map.h"

namespace mixwright::model {

/// One pass of raw tensors through a network.
struct Probe {
  torch::Tensor output;
  torch::Tensor input_gradient;  ///< d sum(output * cotangent) / d input; undefined for token ids
  NamedTensors gradients;        ///< of every trained parameter; zero where it took no part
  torch::Tensor penalty;         ///< undefined where no part has one
};

struct ProbeOptions {
  bool train = false;       ///< training mode: batch statistics, dropout
  bool gradients = false;   ///< run backward, too
  torch::Tensor cotangent;  ///< what the output is multiplied with; undefined: ones
};

Probe probe(Network& network, const torch::Tensor& input, const ProbeOptions& options);

}  // namespace mixwright::model
