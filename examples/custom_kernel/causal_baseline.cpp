#define INSTRUCTION_SET baseline
#include "causal_kernel.h"
