#pragma once

#include <vector>

namespace mixwright::bench {

/// The middle of some values and where their middle half lies.
struct Spread {
  double low = 0;  ///< first quartile
  double median = 0;
  double high = 0;  ///< third quartile
};

/// Quantiles between neighbouring values are interpolated. `values` is not empty.
Spread spread_of(std::vector<double> values);

/// A median with an interval that holds the median of the distribution it was drawn from.
struct MedianInterval {
  double median = 0;
  double low = 0;
  double high = 0;
  double confidence = 0;  ///< what is reached: at least 0.95, or with fewer than 6 values less
};

/// The narrowest pair of order statistics x_(k), x_(n+1-k) with confidence
/// 1 - 2 P(Binomial(n, 1/2) < k) >= 0.95, or the extremes. It asks nothing of the distribution but
/// that the values are independent. `values` is not empty.
/// Source: W. R. Thompson 1936, Annals of Mathematical Statistics 7, 122-128.
MedianInterval median_interval(std::vector<double> values);

/// a[i] / b[i]. Of equal lengths.
std::vector<double> paired_ratios(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace mixwright::bench
