#include "continuous.h"

#include <algorithm>
#include <cmath>

#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/stepper/generation/generation_runge_kutta_dopri5.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

#include <mixwright/error.h>

namespace mixwright::energy {

namespace {

namespace odeint = boost::numeric::odeint;

using Flat = std::vector<double>;
constexpr int64_t kMostSteps = 1'000'000;
constexpr double kFirstStep = 1e-3;

/// The states of the moving layers as one row of numbers and back.
class Flow {
 public:
  Flow(const MemoryGraphImpl& graph, const MemoryState& begin) : graph_(graph), begin_(begin) {}

  Flat flat(const MemoryState& state) const {
    Flat numbers;
    for (const size_t layer : graph_.moving()) append(numbers, state.x[layer]);
    return numbers;
  }

  MemoryState state(const Flat& numbers) const {
    MemoryState result = begin_;
    int64_t at = 0;
    for (const size_t layer : graph_.moving()) {
      const torch::Tensor& like = begin_.x[layer];
      const torch::Tensor part =
          torch::from_blob(const_cast<double*>(numbers.data()) + at, like.sizes(), torch::kFloat64);
      result.x[layer] = part.to(like.options(), /*non_blocking=*/false, /*copy=*/true);
      at += like.numel();
    }
    graph_.complete(result);
    return result;
  }

  /// dx/dt = -dE/dg / tau
  void operator()(const Flat& numbers, Flat& rates, double) const {
    const MemoryState now = state(numbers);
    Flat slopes;
    slopes.reserve(numbers.size());
    for (const size_t layer : graph_.moving()) {
      append(slopes, graph_.slope(now, layer) * (-1 / graph_.layers()[layer].time_constant));
    }
    rates = std::move(slopes);
  }

 private:
  static void append(Flat& numbers, const torch::Tensor& tensor) {
    const torch::Tensor whole = tensor.to(torch::kCPU, torch::kFloat64).contiguous();
    const auto* data = whole.const_data_ptr<double>();
    numbers.insert(numbers.end(), data, data + whole.numel());
  }

  const MemoryGraphImpl& graph_;
  const MemoryState& begin_;
};

}  // namespace

std::vector<MemoryState> integrated(const MemoryGraphImpl& graph,
                                    const MemoryState& begin,
                                    const std::vector<double>& times,
                                    const Accuracy& accuracy) {
  const torch::NoGradGuard no_grad;
  const Flow flow(graph, begin);
  auto stepper = odeint::make_dense_output(
      accuracy.absolute, accuracy.relative, odeint::runge_kutta_dopri5<Flat>());
  Flat numbers = flow.flat(begin);
  stepper.initialize(numbers, 0.0, kFirstStep);
  std::vector<MemoryState> states;
  int64_t steps = 0;
  for (const double time : times) {
    if (time <= 0) {  // before its first step the stepper has nothing to interpolate
      states.push_back(flow.state(numbers));
      continue;
    }
    while (stepper.current_time() < time) {
      if (++steps > kMostSteps || !std::isfinite(stepper.current_time_step())) {
        throw Error("the solver does not reach time " + std::to_string(time) + " within " +
                    std::to_string(kMostSteps) + " steps; allow a larger relative_error");
      }
      stepper.do_step(std::cref(flow));
    }
    stepper.calc_state(time, numbers);
    states.push_back(flow.state(numbers));
    if (!std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); })) {
      throw Error("the state is not finite at time " + std::to_string(time) +
                  "; the energy has no lower bound, or the weights are too large");
    }
  }
  return states;
}

}  // namespace mixwright::energy
