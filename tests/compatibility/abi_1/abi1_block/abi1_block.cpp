#include "abi1_block.h"

#include <mixwright/error.h>

Abi1Block::Abi1Block(const Options& options, const mixwright::BuildContext& context)
    : norm_(add(options.norm, context)),
      token_mixer_(add(options.token_mixer, context)),
      channel_mixer_(add(options.channel_mixer, context)) {
  if (!token_mixer_ && !channel_mixer_) {
    throw mixwright::Error("neither token_mixer nor channel_mixer is given; name one of them");
  }
}

torch::Tensor Abi1Block::forward_in_context(const torch::Tensor& x,
                                            const mixwright::Context& context) {
  // A part that is "none" returns what it gets.
  const torch::Tensor mixed =
      mixwright::run(token_mixer_, mixwright::run(norm_, x, context), context);
  torch::Tensor y = x;
  if (token_mixer_) y = y + mixed;
  if (channel_mixer_) y = y + mixwright::run(channel_mixer_, mixed, context);
  return y;
}

MIXWRIGHT_PLUGIN("abi1_block",
                 "0.1.0",
                 "Apache-2.0",
                 block<Abi1Block>("abi1_block", "two mixers behind one norm", "your paper")
                     .example("norm = \"layer_norm\"\n"
                              "token_mixer = { type = \"mlp\", ratio = 0.5 }\n"
                              "channel_mixer = { type = \"mlp\", ratio = 2.0 }"))
