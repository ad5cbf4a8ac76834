#pragma once

#include <functional>
#include <string>

namespace mixwright::conformance {

constexpr int kThreads = 4;

/// Runs `body(thread)` in kThreads threads that begin together, and gives the first reason that one
/// of them returns or throws; "" where all is well.
std::string in_threads(const std::function<std::string(int thread)>& body);

}  // namespace mixwright::conformance
