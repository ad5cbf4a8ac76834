#include "convolution.h"
#include "dot_product.h"
#include "linear.h"
#include "parameter.h"
#include "product.h"
#include "query_key_value.h"
#include "transpose.h"
#include "weighted_sum.h"

using namespace mixwright::metamixer;

MIXWRIGHT_PLUGIN(
    "metamixer",
    "1.0.0",
    "Apache-2.0",
    token_mixer<QueryKeyValue<mixwright::TokenMixer>>(
        "query_key_value",
        "query-key-value with every sub-operation named in the config; attention by default",
        "arXiv:2406.02021"),
    channel_mixer<QueryKeyValue<mixwright::ChannelMixer>>(
        "query_key_value",
        "the same over the channels; a feed-forward network by default",
        "arXiv:2406.02021"),
    projection<Linear>("linear", "one linear layer over the channels", "arXiv:1706.03762 sec. 3.2"),
    projection<Parameter>("parameter",
                          "a learned table or kernel, the same for every input",
                          "arXiv:2012.14913 eq. 2"),
    projection<Transpose>("transpose",
                          "tokens and channels change places",
                          "arXiv:2105.01601 sec. 2")
        .needs(mixwright::kFixedTokens),
    interaction<DotProduct>("dot_product",
                            "scores of every token with every key",
                            "arXiv:1706.03762 eq. 1"),
    interaction<CausalDotProduct>("causal_dot_product",
                                  "scores of every token with itself and the earlier ones",
                                  "arXiv:1706.03762 sec. 3.2.3")
        .needs(mixwright::kCausal),
    interaction<WeightedSum>("weighted_sum",
                             "values, each as often as its coefficient says",
                             "arXiv:1706.03762 eq. 1"),
    interaction<Convolution>("convolution",
                             "the right operand slides over the left one as a kernel",
                             "arXiv:2406.02021"),
    interaction<Product>("product", "both operands value by value", "arXiv:2211.11943 eq. 3"))
