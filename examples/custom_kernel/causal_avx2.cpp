#if defined(__x86_64__)
#define INSTRUCTION_SET avx2
#include "causal_kernel.h"
#endif
