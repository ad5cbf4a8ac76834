#include "depthwise_sizes.h"

#define MIXWRIGHT_INSTRUCTION_SET baseline
#include "depthwise_kernel.h"
