#include "parallel.h"

#include <utility>

#include <mixwright/layers.h>

#include "fused_branches.h"
#include "shapes.h"

namespace mixwright::blocks {

namespace {

class FusedParallel final : public Layer {
 public:
  FusedParallel(LayerPtr norm, std::vector<FusedBranch> branches, const Shape& shape)
      : norm_(std::move(norm)), branches_(std::move(branches)) {
    set_out_shape(shape);
    eval();
  }
  torch::Tensor forward_in_context(const torch::Tensor& x, const Context& context) override {
    const torch::Tensor z = run(norm_, x, context);
    torch::Tensor sum = x;
    for (const FusedBranch& branch : branches_) sum = branch.added_to(sum, z, context);
    return sum;
  }

 private:
  LayerPtr norm_;
  std::vector<FusedBranch> branches_;
};

}  // namespace

Parallel::Parallel(const Options& options, const BuildContext& context)
    : drop_rate_(context.linear_drop_rate(options.drop_path)) {
  norm_ = add(options.norm, context);
  require_same_shape("norm", norm_, context.shape, kResidual);
  add_branch("1", "token_mixer", add(options.token_mixer, context), options, context);
  add_branch("2", "channel_mixer", add(options.channel_mixer, context), options, context);
  if (branches_.empty()) {
    throw Error(
        "an empty block: neither token_mixer nor channel_mixer is given; "
        "token_mixer = \"identity\" is a mixer that does nothing");
  }
}

void Parallel::add_branch(const std::string& number,
                          const std::string& name,
                          const LayerPtr& mixer,
                          const Options& options,
                          const BuildContext& context) {
  if (!mixer) return;
  require_same_shape(name, mixer, context.shape, kResidual);
  Branch branch{.mixer = mixer};
  if (options.layer_scale) {
    branch.layer_scale = register_module(
        "layer_scale" + number, ChannelScale(context.shape.channels, *options.layer_scale));
  }
  branches_.push_back(branch);
}

torch::Tensor Parallel::forward_in_context(const torch::Tensor& x, const Context& context) {
  const torch::Tensor z = run(norm_, x, context);
  torch::Tensor sum;
  for (const Branch& branch : branches_) {
    torch::Tensor mixed = run(branch.mixer, z, context);
    if (branch.layer_scale) mixed = mixed * branch.layer_scale->scale;
    sum = sum.defined() ? sum + mixed : mixed;
  }
  return x + drop_path(sum, drop_rate_, is_training());
}

LayerPtr Parallel::for_inference() {
  std::vector<FusedBranch> forms;
  for (const Branch& branch : branches_) {
    forms.push_back(fused_branch({branch.mixer}, branch.layer_scale));
  }
  return std::make_shared<FusedParallel>(norm_, std::move(forms), out_shape());
}

}  // namespace mixwright::blocks
