#include "asymmetric_mlp.h"
#include "invertible_mlp.h"
#include "linear.h"
#include "mlp.h"
#include "spatial_gating.h"
#include "symmetric_mlp.h"

using namespace mixwright::mlp;

MIXWRIGHT_PLUGIN(
    "mlp",
    "1.0.0",
    "Apache-2.0",
    token_mixer<TokenMlp>("mlp",
                          "two linear layers over the tokens, activation between",
                          "arXiv:2105.01601 eq. 1")
        .needs(mixwright::kFixedTokens),
    channel_mixer<ChannelMlp>("mlp",
                              "two linear layers over the channels, activation between",
                              "arXiv:2105.01601 eq. 1"),
    token_mixer<TokenSymmetricMlp>("symmetric_mlp",
                                   "W^T act(W x) over the tokens",
                                   "arXiv:2406.12220")
        .needs(mixwright::kFixedTokens),
    channel_mixer<ChannelSymmetricMlp>("symmetric_mlp",
                                       "W^T act(W x) over the channels",
                                       "arXiv:2406.12220"),
    token_mixer<TokenAsymmetricMlp>("asymmetric_mlp",
                                    "(W1^T + W2) act(W1 x) over the tokens",
                                    "arXiv:2406.12220")
        .needs(mixwright::kFixedTokens),
    channel_mixer<ChannelAsymmetricMlp>("asymmetric_mlp",
                                        "(W1^T + W2) act(W1 x) over the channels",
                                        "arXiv:2406.12220"),
    token_mixer<InvertibleMlp>("invertible_mlp",
                               "token MLP that inverts a residual map by iteration (iMixer)",
                               "arXiv:2304.13061")
        .needs(mixwright::kFixedTokens),
    token_mixer<TokenLinear>("linear", "one linear layer over the tokens", "arXiv:2105.03404 eq. 2")
        .needs(mixwright::kFixedTokens),
    channel_mixer<ChannelLinear>("linear",
                                 "one linear layer over the channels (1x1 convolution)",
                                 "arXiv:1312.4400"),
    token_mixer<SpatialGating>("spatial_gating",
                               "channel MLP whose half gates the other over the tokens (gMLP)",
                               "arXiv:2105.08050 section 2.1")
        .needs(mixwright::kFixedTokens))
