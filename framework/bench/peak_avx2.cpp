#if defined(__x86_64__)
#define MIXWRIGHT_PEAK_SET avx2
#define MIXWRIGHT_PEAK_BYTES 32
#include "peak_kernel.h"
#endif
