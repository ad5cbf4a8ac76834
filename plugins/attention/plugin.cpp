#include "ffnified_attention.h"
#include "self_attention.h"
#include "window_attention.h"

using namespace mixwright::attention;

MIXWRIGHT_PLUGIN("attention",
                 "1.0.0",
                 "Apache-2.0",
                 token_mixer<SelfAttention>("self_attention",
                                            "multi-head self-attention, windowed where asked",
                                            "arXiv:1706.03762 eq. 1"),
                 token_mixer<WindowAttention>("window_attention",
                                              "self-attention within windows, shifted where asked",
                                              "arXiv:2103.14030 eq. 4"),
                 token_mixer<FfnifiedAttention>("ffnified_attention",
                                                "attention whose keys and values are kernels",
                                                "arXiv:2406.02021"))
