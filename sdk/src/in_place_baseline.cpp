#include "in_place_kernels.h"

#define MIXWRIGHT_INSTRUCTION_SET baseline
#include "gelu_kernel.h"
