#include "in_place_kernels.h"

#if defined(__x86_64__)
#define MIXWRIGHT_INSTRUCTION_SET avx2
#include "gelu_kernel.h"
#endif
