#include "identity.h"
#include "pooling.h"
#include "random.h"
#include "separable_conv.h"

using namespace mixwright::metaformer;

MIXWRIGHT_PLUGIN(
    "metaformer",
    "1.0.0",
    "Apache-2.0",
    token_mixer<Pooling>("pooling", "average pooling minus identity", "arXiv:2111.11418 eq. 4"),
    token_mixer<Identity>("identity", "the tokens as they are", "arXiv:2210.13452"),
    token_mixer<Random>("random", "a frozen random matrix over the tokens", "arXiv:2210.13452")
        .needs(mixwright::kFixedTokens),
    token_mixer<SeparableConv>("separable_conv",
                               "inverted separable convolution",
                               "arXiv:2210.13452"))
