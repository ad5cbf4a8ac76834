#pragma once

// Precompiled once per project that builds plugins against an installed SDK.

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <torch/torch.h>

#include "instantiate_torch.h"
