#pragma once

#include <cstdint>
#include <functional>

#include <mixwright/export.h>

namespace mixwright {

/// Calls `body(begin, end)` for pieces of [begin, end) of at least `grain` items on LibTorch's own
/// threads. at::parallel_for is a template that runs on one thread where a plugin is compiled
/// without OpenMP; this one is compiled once, in the SDK's library.
MIXWRIGHT_API void parallel_for(int64_t begin,
                                int64_t end,
                                int64_t grain,
                                const std::function<void(int64_t, int64_t)>& body);

/// Threads that parallel_for uses.
MIXWRIGHT_API int parallel_threads();

}  // namespace mixwright
