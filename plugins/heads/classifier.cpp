#include "classifier.h"

#include <cmath>

#include <mixwright/layers.h>

namespace mixwright::heads {

namespace {

torch::nn::Linear linear(int64_t in, int64_t out, bool bias) {
  return torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(bias));
}

/// One token, which is what pooling leaves.
BuildContext pooled_context(const BuildContext& context, int64_t channels) {
  Shape shape;
  shape.grid = {1};
  shape.channels = channels;
  return context.with_shape(shape);
}

/// Width of the hidden layer; 0: there is none.
int64_t hidden_width(const ClassifierOptions& options, int64_t channels) {
  if (options.hidden && options.hidden_ratio) {
    throw Error("hidden and hidden_ratio both say the width of the hidden layer; give one of them");
  }
  if (!options.hidden_ratio) return options.hidden.value_or(0);
  return std::llround(*options.hidden_ratio * static_cast<double>(channels));
}

}  // namespace

Classifier::Classifier(const Options& options, const BuildContext& context)
    : pool_(options.pool),
      prefix_tokens_(context.shape.prefix_tokens),
      dropout_(options.dropout),
      zero_init_(options.zero_init) {
  if (context.classes < 1) {
    throw Error(
        "there are no classes to tell apart; set model.input.classes, or take another head");
  }
  if (pool_ == Pool::kToken && prefix_tokens_ == 0) {
    throw Error("pool = \"token\" takes the class token, and the features " + context.shape.text() +
                " have none; set class_token = true in the embedding, or pool = \"mean\"");
  }
  int64_t channels = context.shape.channels;
  norm_ = add(options.norm, context);
  pooled_norm_ = add(options.pooled_norm, pooled_context(context, channels));
  if (const int64_t width = hidden_width(options, channels); width > 0) {
    const BuildContext after_hidden = pooled_context(context, width);
    hidden_ = register_module("fc1", linear(channels, width, options.hidden_bias));
    activation_ = add(options.activation, after_hidden);
    hidden_norm_ = add(options.hidden_norm, after_hidden);
    channels = width;
  }
  last_ = register_module(hidden_ ? "fc2" : "fc", linear(channels, context.classes, options.bias));
}

void Classifier::initialize() {
  if (!zero_init_) return;
  torch::nn::init::zeros_(last_->weight);
  if (last_->bias.defined()) torch::nn::init::zeros_(last_->bias);
}

torch::Tensor Classifier::forward(const Features& features) {
  const Context context;
  torch::Tensor x = pooled(run(norm_, features.last, context));
  x = run(pooled_norm_, x, context);
  if (hidden_) x = run(hidden_norm_, run(activation_, hidden_(x), context), context);
  return last_(torch::dropout(x, dropout_, is_training())).squeeze(1);  // [B, 1, C] -> [B, C]
}

/// [B, *grid, C] -> [B, 1, C].
torch::Tensor Classifier::pooled(const torch::Tensor& x) const {
  const torch::Tensor tokens = flatten_grid(x);
  if (pool_ == Pool::kToken) return tokens.narrow(1, 0, 1);
  return tokens.slice(1, prefix_tokens_).mean(1, /*keepdim=*/true);
}

}  // namespace mixwright::heads
