#include "reconstruction.h"

MIXWRIGHT_PLUGIN(
    "reconstruction",
    "1.0.0",
    "Apache-2.0",
    task<Reconstruction>("reconstruction",
                         "samples out of damaged copies: noise, hidden parts; MSE, PSNR",
                         "P. Vincent et al. 2008, ICML"))
