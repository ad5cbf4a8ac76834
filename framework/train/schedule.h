#pragma once

#include <cstdint>

#include "framework/config/train_options.h"

namespace mixwright::train {

/// The learning rate of step `step` (from 0) of `steps`, as a share of the highest rate. A pure
/// function, so that a resumed training has nothing to restore.
///
/// With w = warmup x steps (less 1 for one_cycle, as in OneCycleLR), s = start, e = end and ramp(a,
/// b, t) = b + (a - b) (1 + cos(pi t)) / 2:
///   cosine:     s + (1 - s) step / w up to w, then ramp(1, e, t)
///   one_cycle:  ramp(s, 1, step / w) up to w, then ramp(1, e, t)
///   constant:   s + (1 - s) step / w up to w, then 1
///   step:       s + (1 - s) step / w up to w, then gamma^k with k milestones m that have passed,
///               step >= m x steps
/// where t runs from 0 at w to 1 at the last step, or cooldown x steps before it.
///
/// Source: one-cycle L. Smith 2017, arXiv:1708.07120, with the cosine ramps of LibTorch's Python
/// OneCycleLR; cosine I. Loshchilov, F. Hutter 2017, arXiv:1608.03983, eq. 5 without restarts.
/// Deviates: momentum is not cycled.
double schedule_factor(const ScheduleOptions& options, int64_t step, int64_t steps);

}  // namespace mixwright::train
