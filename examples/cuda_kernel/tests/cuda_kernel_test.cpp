// The kernels on a GPU against LibTorch's operations in float64 on the processor. Without a GPU, or
// compiled without nvcc, only the operations are tested, which it says. `cuda_kernel_tests --speed`
// measures instead.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include <mixwright/gradient_check.h>

#include "moving_average.h"

namespace {

int failures = 0;

void expect(bool fine, const std::string& what) {
  if (fine) return;
  std::cerr << "failed: " << what << "\n";
  ++failures;
}

using Average = torch::Tensor (*)(const torch::Tensor&, const torch::Tensor&);

struct Result {
  torch::Tensor y;
  torch::Tensor dx;
  torch::Tensor dshare;
};

Result run(Average average,
           const torch::Tensor& x,
           const torch::Tensor& share,
           const torch::Tensor& r) {
  const torch::Tensor leaf = x.detach().requires_grad_();
  const torch::Tensor shares = share.detach().requires_grad_();
  const torch::Tensor y = average(leaf, shares);
  y.backward(r);
  return {y.detach(), leaf.grad(), shares.grad()};
}

torch::Tensor in_float64(const torch::Tensor& x) {
  return x.detach().cpu().to(torch::kFloat64);
}

double error(const torch::Tensor& ours, const torch::Tensor& exact) {
  return ((in_float64(ours) - exact).norm() / exact.norm()).item<double>();
}

/// The sum written out: y[t] = sum over s <= t of share (1 - share)^(t - s) x[s].
void operations_average() {
  const torch::Tensor x = torch::randn({2, 9, 3}, torch::kFloat64);
  const torch::Tensor share = torch::tensor({0.1, 0.5, 0.9}, torch::kFloat64);
  const torch::Tensor age = torch::arange(9).view({9, 1}) - torch::arange(9).view({1, 9});
  torch::Tensor expected = torch::empty_like(x);
  for (int64_t c = 0; c < 3; ++c) {
    const torch::Tensor weight =
        torch::where(age >= 0, share[c] * torch::pow(1 - share[c], age.clamp_min(0)), 0.0);
    expected.select(2, c) = torch::matmul(x.select(2, c), weight.t());
  }
  expect(average_of_operations(x, share).allclose(expected), "the operations");
  const std::string failure = mixwright::gradient_failure(
      [](const std::vector<torch::Tensor>& at) { return average_of_operations(at[0], at[1]); },
      {x, share});
  expect(failure.empty(), failure);
}

void gpu_agrees(int64_t batch, int64_t tokens, int64_t channels) {
  const torch::Tensor x = torch::randn({batch, tokens, channels}, torch::kCUDA);
  const torch::Tensor share = torch::rand({channels}, torch::kCUDA) * 0.9 + 0.05;
  const torch::Tensor r = torch::randn_like(x);
  const Result ours = run(&moving_average, x, share, r);
  const Result exact = run(&average_of_operations, in_float64(x), in_float64(share), in_float64(r));
  const double y = error(ours.y, exact.y);
  const double dx = error(ours.dx, exact.dx);
  const double dshare = error(ours.dshare, exact.dshare);
  const std::string sizes =
      std::to_string(batch) + " x " + std::to_string(tokens) + " x " + std::to_string(channels);
  std::cout << sizes << ": y " << y << ", gradient of x " << dx << ", of the shares " << dshare
            << "\n";
  expect(y < 1e-6 && dx < 1e-6 && dshare < 1e-5, sizes);
  expect(run(&moving_average, x, share, r).dshare.equal(ours.dshare), "the same twice: " + sizes);
}

void gpu_takes_other_layouts() {
  const torch::Tensor x = torch::randn({3, 20, 7}, torch::kCUDA).transpose(1, 2);  // [3, 7, 20]
  const torch::Tensor share = torch::rand({40}, torch::kCUDA).slice(0, 0, 40, 2);
  expect(error(moving_average(x, share), average_of_operations(in_float64(x), in_float64(share))) <
             1e-6,
         "what does not lie one after the other in memory");
}

void gpu_has_gradients_of_gradients() {
  const torch::Tensor x = torch::randn({2, 7, 5}, torch::kCUDA).requires_grad_();
  const torch::Tensor share = torch::full({5}, 0.3, torch::kCUDA).requires_grad_();
  const auto second = [&](Average average) {
    const auto first = torch::autograd::grad({average(x, share).square().sum()},
                                             {x, share},
                                             {},
                                             /*retain_graph=*/true,
                                             /*create_graph=*/true);
    return torch::autograd::grad({first[0].square().sum() + first[1].sum()}, {x, share});
  };
  const auto ours = second(&moving_average);
  const auto expected = second(&average_of_operations);
  expect(ours[0].allclose(expected[0], 1e-4, 1e-4) && ours[1].allclose(expected[1], 1e-4, 1e-3),
         "gradients of gradients");
}

/// Milliseconds of forward and backward, the median of several, each waited for.
double time_of(Average average) {
  const torch::Tensor x = torch::randn({128, 49, 64}, torch::kCUDA);
  const torch::Tensor share = torch::full({64}, 0.3, torch::kCUDA);
  const torch::Tensor r = torch::randn_like(x);
  std::vector<double> times;
  for (int i = 0; i < 60; ++i) {
    torch::cuda::synchronize();
    const auto begin = std::chrono::steady_clock::now();
    run(average, x, share, r);
    torch::cuda::synchronize();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    if (i >= 10) times.push_back(taken.count());
  }
  std::nth_element(times.begin(), times.begin() + 25, times.end());
  return times[25];
}

void measure() {
  std::cout << "forward and backward, float32 [128, 49, 64], median of 50, ms\n"
            << "own kernels  " << time_of(&moving_average) << "\n"
            << "operations   " << time_of(&average_of_operations) << "\n";
}

bool has_gpu() {
#if defined(MIXWRIGHT_CUDA)
  if (torch::cuda::is_available()) return true;
  std::cout << "SKIPPED: no GPU here, the kernels were not run\n";
#else
  std::cout << "SKIPPED: compiled without nvcc, there are no kernels\n";
#endif
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  torch::manual_seed(1);
  if (!has_gpu()) {
    operations_average();
  } else if (argc > 1 && std::string(argv[1]) == "--speed") {
    measure();
  } else {
    operations_average();
    gpu_agrees(128, 49, 64);
    gpu_agrees(3, 13, 37);
    gpu_agrees(1, 1, 1);
    gpu_agrees(5, 1000, 3);
    gpu_takes_other_layouts();
    gpu_has_gradients_of_gradients();
  }
  return failures == 0 ? 0 : 1;
}
