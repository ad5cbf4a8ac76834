#include "framework/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mixwright::train {

namespace {

double ramp(double from, double to, double t) {
  return to + (from - to) * (1.0 + std::cos(std::numbers::pi * t)) / 2.0;
}

double warm_up(const ScheduleOptions& options, double t) {
  if (options.type == ScheduleType::kOneCycle) return ramp(options.start, 1.0, t);
  return options.start + (1.0 - options.start) * t;
}

}  // namespace

double schedule_factor(const ScheduleOptions& options, int64_t step, int64_t steps) {
  const auto last = static_cast<double>(std::max<int64_t>(1, steps - 1));
  const double place = std::clamp(static_cast<double>(step), 0.0, last);
  const double warm = options.warmup * static_cast<double>(steps);
  const double peak = options.type == ScheduleType::kOneCycle ? std::max(0.0, warm - 1.0) : warm;
  if (place < peak) return warm_up(options, place / peak);
  if (options.type == ScheduleType::kConstant) return 1.0;
  if (options.type == ScheduleType::kStep) {
    const auto passed =
        std::count_if(options.milestones.begin(), options.milestones.end(), [&](double milestone) {
          return place >= milestone * static_cast<double>(steps);
        });
    return std::pow(options.gamma, static_cast<double>(passed));
  }
  const double cool = last - options.cooldown * static_cast<double>(steps);
  if (options.cooldown > 0 && place >= cool) return options.end;
  if (peak >= cool) return 1.0;
  return ramp(1.0, options.end, (place - peak) / (cool - peak));
}

}  // namespace mixwright::train
