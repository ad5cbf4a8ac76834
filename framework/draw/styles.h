#pragma once

#include "framework/draw/svg.h"

namespace mixwright::draw {

constexpr const char* kInk = "#24292f";
constexpr const char* kQuietInk = "#57606a";

constexpr TextStyle bold(double size, Anchor anchor = Anchor::kStart) {
  return {size, true, kInk, anchor};
}
/// What stands beside the names: kinds, shapes, counts.
constexpr TextStyle quiet(double size, Anchor anchor = Anchor::kStart) {
  return {size, false, kQuietInk, anchor};
}

}  // namespace mixwright::draw
