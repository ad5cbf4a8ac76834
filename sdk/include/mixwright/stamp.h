#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <torch/version.h>

/// The major number of everything that crosses the plugin boundary; also in the descriptor's name.
#define MIXWRIGHT_SDK_ABI 1

#define MIXWRIGHT_STRINGIFY_(x) #x
#define MIXWRIGHT_STRINGIFY(x) MIXWRIGHT_STRINGIFY_(x)
#define MIXWRIGHT_PASTE(a, b) a##b
#define MIXWRIGHT_JOIN(a, b) MIXWRIGHT_PASTE(a, b)
/// Name of the descriptor.
#define MIXWRIGHT_DESCRIPTOR MIXWRIGHT_JOIN(mixwright_plugin_, MIXWRIGHT_SDK_ABI)

#if defined(__SANITIZE_ADDRESS__)
#define MIXWRIGHT_ADDRESS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MIXWRIGHT_ADDRESS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define MIXWRIGHT_THREAD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MIXWRIGHT_THREAD_SANITIZED 1
#endif
#endif

namespace mixwright::stamp {

// What must be equal between host and plugin, as text: one LibTorch, one C++ runtime, one SDK.
inline constexpr std::string_view kLibTorch = TORCH_VERSION;

#if defined(__clang__)
inline constexpr std::string_view kCompiler = "clang " MIXWRIGHT_STRINGIFY(__clang_major__);
#elif defined(__GNUC__)
inline constexpr std::string_view kCompiler = "gcc " MIXWRIGHT_STRINGIFY(__GNUC__);
#else
inline constexpr std::string_view kCompiler = "unknown";
#endif

#if defined(_LIBCPP_VERSION)
inline constexpr std::string_view kStandardLibrary = "libc++";
inline constexpr std::string_view kLibraryAbi = "1";
#else
inline constexpr std::string_view kStandardLibrary = "libstdc++";
inline constexpr std::string_view kLibraryAbi = MIXWRIGHT_STRINGIFY(_GLIBCXX_USE_CXX11_ABI);
#endif

#if defined(MIXWRIGHT_ADDRESS_SANITIZED)
inline constexpr std::string_view kSanitizer = "address";
#elif defined(MIXWRIGHT_THREAD_SANITIZED)
inline constexpr std::string_view kSanitizer = "thread";
#else
inline constexpr std::string_view kSanitizer = "none";
#endif

#if defined(NDEBUG)
inline constexpr std::string_view kAssertions = "off";
#else
inline constexpr std::string_view kAssertions = "on";
#endif

}  // namespace mixwright::stamp
