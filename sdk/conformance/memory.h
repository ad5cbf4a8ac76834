#pragma once

#include <functional>
#include <string>

namespace mixwright::conformance {

/// Calls `body` 1,000 times and says by how much memory grew behind the first 100 calls, which may
/// fill caches; "" where it did not. Tensors of this thread are counted to the byte, other memory
/// by what the process holds.
std::string memory_growth(const std::function<void(int call)>& body);

}  // namespace mixwright::conformance
