#pragma once

// A library of somebody else, of which three versions are about: the same symbols, other answers.

namespace vendor {

/// VENDOR_VERSION * 100 + how often it was asked.
int answer();

/// The number of calls; its static is a weak symbol in every version.
inline int calls() {
  static int value = 0;
  return ++value;
}

}  // namespace vendor

extern "C" int vendor_version();
