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
  if (options.distilled) {
    if (hidden_width(options, channels) > 0) {
      throw Error("distilled goes with a single last layer; leave out hidden and hidden_ratio");
    }
    pooled_norm_distilled_ =
        add("pooled_norm_distilled", options.pooled_norm, pooled_context(context, channels));
    last_distilled_ =
        register_module("fc_distilled", linear(channels, context.classes, options.bias));
  }
  if (const int64_t width = hidden_width(options, channels); width > 0) {
    const BuildContext after_hidden = pooled_context(context, width);
    hidden_ = register_module("fc1", linear(channels, width, options.hidden_bias));
    activation_ = add(options.activation, after_hidden);
    hidden_norm_ = add(options.hidden_norm, after_hidden);
    channels = width;
  }
  last_ = register_module(hidden_ ? "fc2" : "fc", linear(channels, context.classes, options.bias));
}

std::vector<torch::nn::Linear> Classifier::last_layers() const {
  if (!last_distilled_) return {last_};
  return {last_, last_distilled_};
}

void Classifier::initialize() {
  if (!zero_init_) return;
  for (const torch::nn::Linear& layer : last_layers()) {
    torch::nn::init::zeros_(layer->weight);
    if (layer->bias.defined()) torch::nn::init::zeros_(layer->bias);
  }
}

Adapted Classifier::adapt(const std::string& name, const torch::Tensor& value) const {
  const auto own = named_parameters();
  for (const torch::nn::Linear& layer : last_layers()) {
    for (const torch::Tensor& tensor : layer->parameters()) {
      if (!own.contains(name) || !own[name].is_same(tensor)) continue;
      // [classes, C] or [classes]
      if (value.dim() != tensor.dim() || value.sizes().slice(1) != tensor.sizes().slice(1)) break;
      return {tensor.detach().clone(),
              "begins anew, for " + std::to_string(tensor.size(0)) + " classes in place of " +
                  std::to_string(value.size(0))};
    }
  }
  refuse_to_adapt(name);
}

torch::Tensor Classifier::forward(const Features& features) {
  const TaughtAnswers answers = taught_answers(features);
  return last_distilled_ ? (answers.to_task + answers.to_teacher) / 2 : answers.to_task;
}

TaughtAnswers Classifier::taught_answers(const Features& features) {
  const Context context;
  const torch::Tensor tokens = flatten_grid(run(norm_, features.last, context));
  const torch::Tensor token = pooled(tokens);
  torch::Tensor x = run(pooled_norm_, token, context);
  if (hidden_) x = run(hidden_norm_, run(activation_, hidden_(x), context), context);
  x = last_(torch::dropout(x, dropout_, is_training())).squeeze(1);  // [B, 1, C] -> [B, classes]
  if (!last_distilled_) return {x, x};
  const bool own_token = pool_ == Pool::kToken && prefix_tokens_ > 1;
  const torch::Tensor other =
      run(pooled_norm_distilled_, own_token ? tokens.narrow(1, 1, 1) : token, context);
  return {x, last_distilled_(torch::dropout(other, dropout_, is_training())).squeeze(1)};
}

/// [B, N, C] -> [B, 1, C].
torch::Tensor Classifier::pooled(const torch::Tensor& tokens) const {
  if (pool_ == Pool::kToken) return tokens.narrow(1, 0, 1);
  return tokens.slice(1, prefix_tokens_).mean(1, /*keepdim=*/true);
}

}  // namespace mixwright::heads
