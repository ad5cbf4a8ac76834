#include "dense.h"

#include "actions.h"
#include "meeting.h"
#include "receptive_fields.h"

namespace mixwright::energy {

Dense::Dense(const Options& options, const BuildContext& context) {
  const std::vector<Shape>& layers = meeting_layers(context, 2, 2);
  const int64_t first = units(layers[0]);
  const int64_t second = units(layers[1]);
  layers_ = layers;
  weight_ = register_parameter("weight", torch::randn({first, second}) * options.init_std);
  if (options.asymmetric) {
    asymmetry_ = register_parameter("asymmetry", torch::randn({second, first}) * options.init_std);
  }
}

void Dense::store(const torch::Tensor& samples) {
  const torch::NoGradGuard no_grad;
  weight_.copy_(samples.flatten(1));  // [d1, *grid_2, C_2] -> [d1, d2]
}

void Dense::report(Report& report) {
  report_receptive_fields(report, weight_, layers_);
}

torch::Tensor Dense::there(const torch::Tensor& second, at::IntArrayRef first_sizes) const {
  return torch::linear(second.flatten(1), weight_).view(first_sizes);  // [B, d2] -> [B, d1]
}

torch::Tensor Dense::back(const torch::Tensor& first, at::IntArrayRef second_sizes) const {
  const torch::Tensor way = asymmetry_.defined() ? weight_.t() + asymmetry_ : weight_.t();
  return torch::linear(first.flatten(1), way).view(second_sizes);  // [B, d1] -> [B, d2]
}

Action Dense::force_into(const torch::Tensor& x,
                         Blend blend,
                         const std::vector<torch::Tensor>& g,
                         size_t i,
                         int64_t times) const {
  torch::Tensor weight = i == 0 ? weight_.t() : weight_;  // [in, out]
  if (i == 1 && asymmetry_.defined()) weight = weight + asymmetry_.t();
  return product_into(x.flatten(1), blend, g[1 - i].flatten(1), weight, times);
}

}  // namespace mixwright::energy
