#include "decoder.h"
#include "latents.h"

using mixwright::perceiver::Decoder;
using mixwright::perceiver::Latents;

MIXWRIGHT_PLUGIN(
    "perceiver",
    "1.0.0",
    "Apache-2.0",
    embedding<Latents>("cross_attention",
                       "learned latent tokens attend to the input (Perceiver's encoder)",
                       "arXiv:2107.14795 section 3.1")
        .example("tokens = 6"),
    head<Decoder>("cross_attention",
                  "learned or made queries attend to the last features (Perceiver-IO's decoder)",
                  "arXiv:2107.14795 section 3.2"))
