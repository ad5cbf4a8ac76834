#include "serial.h"

#include <mixwright/layers.h>

#include "fused_branches.h"
#include "shapes.h"

namespace mixwright::blocks {

Serial::Serial(const Options& options, const BuildContext& context)
    : drop_rate_(context.linear_drop_rate(options.drop_path)) {
  // Built before their norms, since a branch without a mixer has no norm either.
  const LayerPtr token_mixer = options.token_mixer.build_as("token_mixer", context);
  const LayerPtr channel_mixer = options.channel_mixer.build_as("channel_mixer", context);
  if (!token_mixer && !channel_mixer) {
    throw Error(
        "an empty block: neither token_mixer nor channel_mixer is given; "
        "token_mixer = \"identity\" is a mixer that does nothing");
  }
  if (options.shared_norm) {
    shared_norm_ = add(options.norm, context);
    if (!shared_norm_) throw Error("shared_norm = true, but there is no norm; give `norm`");
    require_same_shape("norm", shared_norm_, context.shape, kResidual);
  }
  if (token_mixer) add_branch("1", "token_mixer", token_mixer, options, context);
  if (channel_mixer) add_branch("2", "channel_mixer", channel_mixer, options, context);
}

void Serial::add_branch(const std::string& number,
                        const std::string& name,
                        const LayerPtr& mixer,
                        const Options& options,
                        const BuildContext& context) {
  const int64_t channels = context.shape.channels;
  Branch branch;
  branch.norm = shared_norm_;
  if (!options.shared_norm) {
    branch.norm = add("norm" + number, options.norm, context);
    require_same_shape("norm" + number, branch.norm, context.shape, kResidual);
  }
  branch.mixer = register_module(name, mixer);
  require_same_shape(name, mixer, context.shape, kResidual);
  if (options.layer_scale) {
    branch.layer_scale =
        register_module("layer_scale" + number, ChannelScale(channels, *options.layer_scale));
  }
  if (options.res_scale) {
    branch.res_scale =
        register_module("res_scale" + number, ChannelScale(channels, *options.res_scale));
  }
  branches_.push_back(branch);
}

torch::Tensor Serial::forward_in_context(const torch::Tensor& x, const Context& context) {
  torch::Tensor y = x;
  for (const Branch& branch : branches_) {
    const torch::Tensor mixed = run(branch.mixer, run(branch.norm, y, context), context);
    y = add_residual(
        y, branch.res_scale, drop_path(mixed, drop_rate_, is_training()), branch.layer_scale);
  }
  return y;
}

LayerPtr Serial::for_inference() {
  std::vector<FusedBranch> forms;
  for (const Branch& branch : branches_) {
    forms.push_back(
        fused_branch({branch.norm, branch.mixer}, branch.layer_scale, branch.res_scale));
  }
  return fused_branches(forms, out_shape());
}

}  // namespace mixwright::blocks
