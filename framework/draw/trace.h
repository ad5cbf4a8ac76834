#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "framework/model/network.h"

namespace mixwright::draw {

/// A tensor of a trace; tells tensors apart and points to none.
using TensorId = const void*;

/// An operation of LibTorch that a part called itself.
struct Operation {
  std::string name;  ///< `aten::add`
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  bool uses_weights = false;  ///< a parameter or buffer is among its inputs
};

/// One run of a part, or, the first of them, of the whole network: what it did, in order.
struct PartRun {
  /// A run of another part, or an operation.
  struct Item {
    bool is_run = false;
    size_t index = 0;
  };
  std::string path;  ///< as Part::path(); empty for the network
  std::vector<Item> items;
};

/// What happened in one forward pass: which parts ran, and which tensors went from where to where.
struct Trace {
  std::vector<PartRun> runs;
  std::vector<Operation> operations;
  std::set<TensorId> flowing;  ///< what depends on the network's input, itself included
  std::vector<int64_t> answer_sizes;
};

/// Runs `sample` through the network in evaluation mode and without gradients. On the meta device
/// it computes nothing.
Trace trace(model::Network& network, const torch::Tensor& sample);

}  // namespace mixwright::draw
