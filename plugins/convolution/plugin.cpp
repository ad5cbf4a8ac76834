#include "conv_mlp.h"
#include "depthwise_conv.h"
#include "depthwise_embedding.h"
#include "partial_conv.h"
#include "squeeze_excite.h"

using namespace mixwright::convolution;

MIXWRIGHT_PLUGIN(
    "convolution",
    "1.0.0",
    "Apache-2.0",
    token_mixer<DepthwiseConv>("depthwise_conv",
                               "convolution of each channel apart, with side branches",
                               "arXiv:1704.04861 eq. 3"),
    projection<DepthwiseConv>("depthwise_conv",
                              "convolution of each channel apart, with side branches",
                              "arXiv:1704.04861 eq. 3"),
    embedding<DepthwiseEmbedding>("depthwise_conv",
                                  "strided convolution of each channel apart",
                                  "arXiv:2406.02021"),
    token_mixer<PartialConv>("partial_conv",
                             "convolution of the first channels, the others pass",
                             "arXiv:2303.03667 section 3.2"),
    channel_mixer<ConvMlp>("conv_mlp",
                           "channel MLP with a depthwise convolution inside",
                           "arXiv:2105.15203 eq. 3"),
    token_mixer<SqueezeExcite<mixwright::TokenMixer>>("squeeze_excite",
                                                      "scales channels by their mean over the grid",
                                                      "arXiv:1709.01507"),
    channel_mixer<SqueezeExcite<mixwright::ChannelMixer>>(
        "squeeze_excite", "scales channels by their mean over the grid", "arXiv:1709.01507"))
