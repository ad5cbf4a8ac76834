#pragma once

#include <vector>

#include <torch/torch.h>

namespace mixwright::model {

/// LibTorch's default generators: the CPU's and every GPU's.
std::vector<torch::Generator> default_generators();

/// The states of all default generators at one moment.
class RandomState {
 public:
  RandomState();  ///< as they are now
  void restore() const;

 private:
  std::vector<torch::Tensor> states_;
};

}  // namespace mixwright::model
