#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace mixwright::train {

/// The probability that |T| <= t for Student's distribution with so many degrees of freedom.
/// Source: M. Abramowitz, I. Stegun 1964, Handbook of Mathematical Functions, 26.7.3 and 26.7.4,
/// which are finite sums.
double student_t_within(double t, int64_t freedom);

/// The t with student_t_within(t) = confidence, which lies in (0, 1).
double student_t_quantile(double confidence, int64_t freedom);

/// A mean and, of two and more values, half the width of its confidence interval.
struct MeanInterval {
  double mean = 0;
  std::optional<double> half;
};

inline constexpr double kConfidence = 0.95;

/// mean +- t s / sqrt(n), with s the sample's deviation and t of n - 1 degrees of freedom. It holds
/// where the values are independent and about normally distributed. `values` is not empty.
MeanInterval mean_interval(const std::vector<double>& values);

/// mean(a) - mean(b) with Welch's interval, which needs two values of each: the variances may
/// differ. Its degrees of freedom are rounded down, so that it is rather too wide. Where it holds
/// 0, the two differ by no more than chance. Neither is empty. Source: B. L. Welch 1947, Biometrika
/// 34, 28-35.
MeanInterval difference_of_means(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace mixwright::train
