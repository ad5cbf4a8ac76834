#include "in_place_kernels.h"

#if defined(__x86_64__)
#define MIXWRIGHT_INSTRUCTION_SET avx512
#include "gelu_kernel.h"
#include "product_kernel.h"
#endif
