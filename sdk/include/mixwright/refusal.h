#pragma once

#include <cstdint>

#include <mixwright/export.h>

namespace mixwright::registration {

/// How many components on this thread could not be built because of an exception that is no
/// mixwright::Error: LibTorch's for example, and so no refusal that somebody wrote down. The host
/// compares two readings to tell one from the other.
MIXWRIGHT_API int64_t unmeant_failures() noexcept;

}  // namespace mixwright::registration
