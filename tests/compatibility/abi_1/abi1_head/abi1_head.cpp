#include "abi1_head.h"

#include <mixwright/error.h>

Abi1Head::Abi1Head(const Options& options, const mixwright::BuildContext& context)
    : temperature_(options.temperature) {
  if (context.classes < 1) {
    throw mixwright::Error("there are no classes to tell apart; set model.input.classes");
  }
  const int64_t channels = context.shape.channels;
  score_ = register_module("score",
                           torch::nn::Linear(torch::nn::LinearOptions(channels, 1).bias(false)));
  fc_ = register_module("fc", torch::nn::Linear(channels, context.classes));
}

torch::Tensor Abi1Head::forward(const mixwright::Features& features) {
  const torch::Tensor tokens = features.last.flatten(1, -2);                 // [B, N, C]
  const torch::Tensor weights = (score_(tokens) / temperature_).softmax(1);  // [B, N, 1]
  return fc_((weights.to(tokens.scalar_type()) * tokens).sum(1));  // [B, C] -> [B, classes]
}

MIXWRIGHT_PLUGIN("abi1_head",
                 "0.1.0",
                 "Apache-2.0",
                 head<Abi1Head>("abi1_head", "tokens vote by a learned score", "your paper"))
