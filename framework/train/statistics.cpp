#include "framework/train/statistics.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace mixwright::train {

double student_t_within(double t, int64_t freedom) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(freedom)));
  const double cosine = std::cos(angle);
  const bool odd = freedom % 2 != 0;
  // The powers of the cosine up to freedom - 2, each with its quotient of products.
  double term = odd ? cosine : 1;
  double sum = freedom > 1 ? term : 0;
  for (int64_t power = odd ? 3 : 2; power <= freedom - 2; power += 2) {
    const auto k = static_cast<double>(power);
    term *= (k - 1) / k * cosine * cosine;
    sum += term;
  }
  if (!odd) return std::sin(angle) * sum;
  return 2 / std::numbers::pi * (angle + std::sin(angle) * sum);
}

double student_t_quantile(double confidence, int64_t freedom) {
  double low = 0;
  double high = 1;
  while (student_t_within(high, freedom) < confidence && high < 1e12) high *= 2;
  constexpr int kHalvings = 100;  // beyond what a double tells apart
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (student_t_within(middle, freedom) < confidence ? low : high) = middle;
  }
  return (low + high) / 2;
}

namespace {

/// Of the values' mean; there are two at least.
double variance_of_mean(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / (count - 1) / count;
}

}  // namespace

MeanInterval mean_interval(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  MeanInterval result;
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  if (values.size() < 2) return result;
  const double t = student_t_quantile(kConfidence, static_cast<int64_t>(values.size()) - 1);
  result.half = t * std::sqrt(variance_of_mean(values));
  return result;
}

MeanInterval difference_of_means(const std::vector<double>& a, const std::vector<double>& b) {
  MeanInterval difference;
  difference.mean = mean_interval(a).mean - mean_interval(b).mean;
  if (a.size() < 2 || b.size() < 2) return difference;
  const double va = variance_of_mean(a);
  const double vb = variance_of_mean(b);
  difference.half = 0;
  if (va + vb == 0) return difference;
  const double freedom =
      (va + vb) * (va + vb) /
      (va * va / static_cast<double>(a.size() - 1) + vb * vb / static_cast<double>(b.size() - 1));
  constexpr double kRounding = 1e-9;  // 4 may have come out as 3.999…
  const double t = student_t_quantile(kConfidence, static_cast<int64_t>(freedom + kRounding));
  difference.half = t * std::sqrt(va + vb);
  return difference;
}

}  // namespace mixwright::train
