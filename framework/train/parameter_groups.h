#pragma once

#include <string>
#include <vector>

#include <torch/torch.h>

#include "framework/config/optimizer_options.h"
#include "framework/model/network.h"

namespace mixwright::train {

/// A tensor that the optimizer moves.
struct TrainedTensor {
  std::string name;
  torch::Tensor tensor;
  double weight_decay = 0;
  double lr_factor = 1;
};

/// The network's trained parameters with their decay and their share of the learning rate.
///
/// Without decay are vectors and scalars, biases, everything in a normalization, position tables
/// and class tokens, and parameters whose name ends in one of `no_decay`. With L blocks and layer
/// decay d the rate of block l (from 1) has the factor d^(L + 1 - l), the first embedding d^(L +
/// 1), further embeddings that of the block behind them, and the head 1. `groups` come last.
///
/// Source: layer decay H. Bao, L. Dong, F. Wei 2021 (BEiT), arXiv:2106.08254, as its authors' code.
/// Throws: UsageError for a group that matches no parameter.
std::vector<TrainedTensor> trained_tensors(const model::Network& network,
                                           const OptimizerOptions& options);

/// Makes the parameters of frozen groups constants. Call it before the first step.
void freeze_groups(model::Network& network, const OptimizerOptions& options);

}  // namespace mixwright::train
