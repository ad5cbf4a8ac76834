#include "patterns.h"
#include "retrieval.h"

MIXWRIGHT_PLUGIN("retrieval",
                 "1.0.0",
                 "Apache-2.0",
                 dataset<PatternsDataset>("patterns",
                                          "patterns for a memory to store, and cues for them",
                                          "doi:10.1073/pnas.79.8.2554"),
                 task<Retrieval>("retrieval",
                                 "answering a cue with the pattern it comes from",
                                 "doi:10.1073/pnas.79.8.2554"))
