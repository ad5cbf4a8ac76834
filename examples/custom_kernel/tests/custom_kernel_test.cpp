// The kernels against LibTorch's operations and convolution, for sizes with and without a rest of
// every kind. `custom_kernel_tests --speed` measures instead.

#include <chrono>
#include <iostream>
#include <string>

#include <mixwright/gradient_check.h>
#include <mixwright/parallel.h>

#include "causal_mix.h"
#include "causal_mixer.h"
#include "causal_sizes.h"

namespace {

int failures = 0;

void expect(bool fine, const std::string& what) {
  if (fine) return;
  std::cerr << "failed: " << what << "\n";
  ++failures;
}

using Mix = torch::Tensor (*)(const torch::Tensor&, const torch::Tensor&);

/// LibTorch's own causal convolution, which wants the channels in front.
torch::Tensor causal_convolution(const torch::Tensor& x, const torch::Tensor& weight) {
  const int64_t taps = weight.size(0);
  const torch::Tensor kernel = weight.flip(0).t().unsqueeze(1);  // [C, 1, taps]
  const torch::Tensor y = torch::conv1d(
      x.transpose(1, 2), kernel, {}, 1, taps - 1, 1, x.size(2));  // [B, C, N + taps - 1]
  return y.narrow(2, 0, x.size(1)).transpose(1, 2).contiguous();
}

struct Result {
  torch::Tensor y;
  torch::Tensor dx;
  torch::Tensor dw;
};

Result run(Mix mix, const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& r) {
  const torch::Tensor leaf = x.detach().requires_grad_();
  const torch::Tensor taps = weight.detach().requires_grad_();
  const torch::Tensor y = mix(leaf, taps);
  y.backward(r);
  return {y.detach(), leaf.grad(), taps.grad()};
}

void agrees(int64_t tokens, int64_t channels, int64_t taps) {
  const std::string sizes = std::to_string(tokens) + " tokens, " + std::to_string(channels) +
                            " channels, " + std::to_string(taps) + " taps";
  const torch::Tensor x = torch::randn({3, tokens, channels});
  const torch::Tensor weight = torch::randn({taps, channels});
  const torch::Tensor r = torch::randn_like(x);
  const auto wide = [](const torch::Tensor& t) { return t.to(torch::kFloat64); };
  const Result ours = run(&causal_mix, x, weight, r);
  const Result convolution = run(&causal_convolution, wide(x), wide(weight), wide(r));
  const Result operations = run(&causal_mix_of_operations, wide(x), wide(weight), wide(r));
  const auto near = [&](const torch::Tensor& a, const torch::Tensor& b) {
    return wide(a).allclose(b, 1e-4, 1e-4);
  };
  expect(near(ours.y, convolution.y), "y of " + sizes);
  expect(near(ours.dx, convolution.dx), "gradient of x of " + sizes);
  expect(near(ours.dw, convolution.dw), "gradient of the weights of " + sizes);
  expect(near(operations.y, convolution.y) && near(operations.dw, convolution.dw),
         "the operations of " + sizes);
}

/// Every instruction set that this processor has, not the best one alone.
void instruction_sets_agree() {
  const CausalSizes sizes{13, 37, 6};
  const torch::Tensor x = torch::randn({sizes.tokens, sizes.channels});
  const torch::Tensor weight = torch::randn({sizes.taps, sizes.channels});
  const auto mixed = [&](decltype(&causal::baseline::mix) mix) {
    torch::Tensor y = torch::empty_like(x);
    mix(x.const_data_ptr<float>(),
        weight.const_data_ptr<float>(),
        sizes,
        false,
        y.mutable_data_ptr<float>());
    return y;
  };
  const torch::Tensor expected = causal_mix_of_operations(x.unsqueeze(0), weight).squeeze(0);
  expect(mixed(&causal::baseline::mix).allclose(expected, 1e-4, 1e-5), "the portable kernel");
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    expect(mixed(&causal::avx2::mix).allclose(expected, 1e-4, 1e-5), "the AVX2 kernel");
  }
#endif
}

void has_the_right_gradient() {
  CausalMixerOptions options;
  mixwright::BuildContext context;
  context.shape.grid = {3, 5};
  context.shape.channels = 4;
  CausalMixer mixer(options, context);
  mixer.to(torch::kFloat64);
  std::vector<torch::Tensor> points = mixer.parameters();
  points.push_back(torch::randn({2, 3, 5, 4}, torch::kFloat64));
  const std::string failure = mixwright::gradient_failure(
      [&](const std::vector<torch::Tensor>& at) { return mixer.forward(at.back()); }, points);
  expect(failure.empty(), failure);
}

void has_gradients_of_gradients() {
  const torch::Tensor x = torch::randn({2, 7, 18}).requires_grad_();
  const torch::Tensor weight = torch::randn({9, 18}).requires_grad_();
  const torch::Tensor r = torch::randn({2, 7, 18});
  const auto gradients = torch::autograd::grad(
      {causal_mix(x, weight)}, {x, weight}, {r}, /*retain_graph=*/true, /*create_graph=*/true);
  const Result once = run(&causal_mix, x, weight, r);
  expect(gradients[0].allclose(once.dx, 1e-4, 1e-5) && gradients[0].requires_grad(),
         "a differentiable gradient of x");
  expect(gradients[1].allclose(once.dw, 1e-4, 1e-5) && gradients[1].requires_grad(),
         "a differentiable gradient of the weights");
}

void looks_at_no_later_token() {
  const torch::Tensor weight = torch::randn({5, 20});
  const torch::Tensor x = torch::randn({1, 12, 20});
  torch::Tensor changed = x.clone();
  changed.narrow(1, 7, 5).normal_();
  expect(causal_mix(x, weight).narrow(1, 0, 7).equal(causal_mix(changed, weight).narrow(1, 0, 7)),
         "earlier tokens see nothing of later ones");
}

/// Milliseconds of forward and backward, the best of several.
double time_of(Mix mix) {
  const torch::Tensor x = torch::randn({128, 49, 64});
  const torch::Tensor weight = torch::randn({9, 64});
  const torch::Tensor r = torch::randn_like(x);
  double best = 1e9;
  for (int i = 0; i < 100; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    run(mix, x, weight, r);
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    best = std::min(best, taken.count());
  }
  return best;
}

void measure() {
  std::cout << "forward and backward, float32 [128, 49, 64], 9 taps, "
            << mixwright::parallel_threads() << " threads, best of 100, ms\n"
            << "own kernel        " << time_of(&causal_mix) << "\n"
            << "shifts and sums   " << time_of(&causal_mix_of_operations) << "\n"
            << "conv1d            " << time_of(&causal_convolution) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  torch::manual_seed(1);
  if (argc > 1 && std::string(argv[1]) == "--speed") {
    measure();
    return 0;
  }
  agrees(49, 64, 9);
  agrees(13, 37, 6);
  agrees(1, 16, 3);
  agrees(4, 5, 9);
  agrees(6, 33, 1);
  instruction_sets_agree();
  has_the_right_gradient();
  has_gradients_of_gradients();
  looks_at_no_later_token();
  return failures == 0 ? 0 : 1;
}
