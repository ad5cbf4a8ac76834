#if defined(__x86_64__)
#define INSTRUCTION_SET avx512
#include "causal_kernel.h"
#endif
