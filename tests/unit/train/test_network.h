#pragma once

#include <memory>

#include "framework/model/network.h"

namespace mixwright::train::test {

/// The mean over the places, then a linear layer.
class MeanHead : public Head {
 public:
  MeanHead(int64_t channels, int64_t classes)
      : linear(register_module("linear", torch::nn::Linear(channels, classes))) {}
  torch::Tensor forward(const Features& features) override {
    return linear->forward(features.last.flatten(1, -2).mean(1));
  }
  torch::nn::Linear linear;
};

/// A norm over places and channels, whose weight has three dimensions.
class WideNorm : public Normalization {
 public:
  explicit WideNorm(const std::vector<int64_t>& shape)
      : weight(register_parameter("weight", torch::ones(shape))) {}
  torch::Tensor forward(const torch::Tensor& x) override {
    return torch::layer_norm(x, weight.sizes(), weight);
  }
  torch::Tensor weight;
};

/// Norm, linear layer with dropout, position table; residual.
class TinyBlock : public Block {
 public:
  explicit TinyBlock(int64_t side, int64_t channels)
      : norm(register_module(
            "norm", std::make_shared<WideNorm>(std::vector<int64_t>{side, side, channels}))),
        linear(register_module("linear", torch::nn::Linear(channels, channels))),
        position(register_parameter("position", torch::zeros({side, side, channels}))) {}
  torch::Tensor forward(const torch::Tensor& x) override {
    const torch::Tensor y = linear->forward((*norm)(x + position, Context{}));
    return x + torch::dropout(y, 0.1, is_training());
  }
  std::shared_ptr<WideNorm> norm;
  torch::nn::Linear linear;
  torch::Tensor position;
};

/// A network of two blocks for pictures [side, side, 1]; `channels` must be 1 for them to fit.
inline std::shared_ptr<model::Network> tiny_network(int64_t side = 4,
                                                    int64_t classes = 3,
                                                    int64_t blocks = 2) {
  Shape input;
  input.grid = {side, side};
  input.channels = 1;
  std::vector<LayerPtr> layers;
  for (int64_t i = 0; i < blocks; ++i) layers.push_back(std::make_shared<TinyBlock>(side, 1));
  const model::Stage stage(nullptr, layers, 1);
  return std::make_shared<model::Network>(
      input, std::vector<model::Stage>{stage}, std::make_shared<MeanHead>(1, classes));
}

}  // namespace mixwright::train::test
