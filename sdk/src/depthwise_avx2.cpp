#include "depthwise_sizes.h"

#if defined(__x86_64__)
#define MIXWRIGHT_INSTRUCTION_SET avx2
#include "depthwise_kernel.h"
#endif
