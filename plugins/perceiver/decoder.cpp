#include "decoder.h"

#include <mixwright/layers.h>

namespace mixwright::perceiver {

namespace {

constexpr double kInitialStd = 0.02;  // as the latents, arXiv:2103.03206

int64_t outputs_of(const DecoderOptions& options, const BuildContext& context) {
  const int64_t outputs = options.outputs.value_or(context.classes);
  if (outputs > 0) return outputs;
  throw Error("there are no classes to tell apart; set model.input.classes, or outputs");
}

}  // namespace

Decoder::Decoder(const Options& options, const BuildContext& context) {
  const int64_t outputs = outputs_of(options, context);
  const int64_t dim = options.query_dim.value_or(context.shape.channels);
  Shape shape;
  shape.grid = {options.queries};
  shape.channels = dim;
  query_embedding_ = add(options.query_embedding, context.with_shape(context.input).with_dim(dim));
  if (query_embedding_) {
    shape = query_embedding_->out_shape();
  } else {
    queries_ = register_parameter("queries", torch::empty({options.queries, dim}));
  }
  cross_ = register_module(
      "cross",
      std::make_shared<CrossAttention>(options, shape, context.shape, context.below("cross")));
  fc_ = register_module("fc", torch::nn::Linear(shape.channels, outputs));
  initialize();
}

void Decoder::initialize() {
  if (queries_.defined()) torch::nn::init::normal_(queries_, 0, kInitialStd);
}

torch::Tensor Decoder::forward(const Features& features) {
  const torch::Tensor z = flatten_grid(contiguous_gradient(features.last));
  if (!query_embedding_) {
    const torch::Tensor y = fc_(cross_->forward(queries_.unsqueeze(0), z));
    return y.size(1) == 1 ? y.squeeze(1) : y;
  }
  const torch::Tensor queries = run(query_embedding_, features.input, Context{});
  const torch::Tensor y = fc_(cross_->forward(flatten_grid(queries), z));
  std::vector<int64_t> sizes = queries.sizes().vec();
  sizes.back() = y.size(-1);
  return y.view(sizes);  // [B, M, outputs] -> [B, *places, outputs]
}

}  // namespace mixwright::perceiver
