#include "chain.h"
#include "parallel.h"
#include "residuals.h"
#include "serial.h"

using namespace mixwright::blocks;

MIXWRIGHT_PLUGIN(
    "blocks",
    "1.0.0",
    "Apache-2.0",
    block<Serial>("serial",
                  "token mixer, then channel mixer, each with norm and residual",
                  "arXiv:2111.11418")
        .example(R"(norm = "layer_norm"
token_mixer = "identity"
channel_mixer = "mlp")"),
    block<Parallel>("parallel",
                    "token and channel mixer side by side behind one norm",
                    "arXiv:2406.12220")
        .example(R"(norm = "layer_norm"
token_mixer = "identity"
channel_mixer = "mlp")"),
    block<Residuals>("residuals",
                     "steps of layers, each with or without residual",
                     "arXiv:2201.09792")
        .example(R"(step = [
  { layers = [{ norm = "layer_norm" }, { channel_mixer = "mlp" }] },
  { residual = false, layers = [{ norm = "layer_norm" }] } ])"),
    token_mixer<MixerChain>("chain",
                            "layers one after the other as a token mixer",
                            "composition of functions")
        .example(R"(layers = [{ norm = "layer_norm" }, { channel_mixer = "mlp" }])"),
    channel_mixer<MixerChain>("chain",
                              "layers one after the other as a channel mixer",
                              "composition of functions")
        .example(R"(layers = [{ norm = "layer_norm" }, { channel_mixer = "mlp" }])"),
    projection<EmbeddingChain>("chain",
                               "layers one after the other as a projection",
                               "composition of functions")
        .example(R"(layers = [{ channel_mixer = "linear" }, { norm = "batch_norm" }])"),
    embedding<EmbeddingChain>("chain",
                              "layers one after the other as an embedding",
                              "composition of functions")
        .example(
            R"(layers = [{ embedding = { type = "patch", size = 2 } }, { activation = "gelu" }])"))
