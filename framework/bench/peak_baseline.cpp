#define MIXWRIGHT_PEAK_SET baseline
#define MIXWRIGHT_PEAK_BYTES 16
#include "framework/bench/peak_kernel.h"
