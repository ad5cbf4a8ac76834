#include "framework/bench/spread.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace mixwright::bench {

namespace {

constexpr double kWanted = 0.95;

double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)};
}

MedianInterval median_interval(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  double term = std::pow(0.5, static_cast<double>(n));  // P(Binomial = 0)
  double below = term;                                  // P(Binomial < 1)
  size_t k = 1;
  double confidence = 1 - 2 * below;
  while (k < (n + 1) / 2) {
    term *= static_cast<double>(n - k + 1) / static_cast<double>(k);  // P(Binomial = k)
    if (1 - 2 * (below + term) < kWanted) break;
    below += term;
    confidence = 1 - 2 * below;
    ++k;
  }
  return {quantile(values, 0.5), values[k - 1], values[n - k], std::max(0.0, confidence)};
}

std::vector<double> paired_ratios(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios(a.size());
  std::transform(a.begin(), a.end(), b.begin(), ratios.begin(), std::divides<>());
  return ratios;
}

}  // namespace mixwright::bench
