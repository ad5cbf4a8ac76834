#if defined(__x86_64__)
#define MIXWRIGHT_PEAK_SET avx512
#define MIXWRIGHT_PEAK_BYTES 64
#include "peak_kernel.h"
#endif
