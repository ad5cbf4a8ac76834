#include "gated.h"

using namespace mixwright::gates;

MIXWRIGHT_PLUGIN("gates",
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<Gated>("gated",
                                    "a linear projection multiplied by a block's output",
                                    "arXiv:2403.02411")
                     .example("gate = { type = \"serial\", channel_mixer = \"mlp\" }"))
