// Without gradients a memory runs in memory of its own: where it ends, and what it allocates.

#include <atomic>

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>

#include "plugins/energy/in_place_descent.h"
#include "tests/energy/workshop.h"

namespace mixwright::energy {
namespace {

struct Memory {
  std::string name;
  std::string toml;
  std::vector<int64_t> input;
  bool works_in_place = true;  // all of its parts do
};

void PrintTo(const Memory& memory, std::ostream* out) {
  *out << memory.name;
}

const char* const kDenoiser = R"(layer = [
  { name = "a", shape = [9], lagrangian = "relu" },
  { name = "v", lagrangian = "layer_norm" },
  { name = "b", shape = [7], lagrangian = "relu", time_constant = 2 } ]
connection = [ { layers = ["a", "v"], synapse = { type = "dense", init_std = 0.3 } },
  { layers = ["v", "b"], synapse = { type = "dense", init_std = 0.3, asymmetric = true } } ]
input_layer = "v"
output = "activation"
)";

/// The mixer's block, with a current and biases.
const char* const kMixer = R"(layer = [
  { name = "x", lagrangian = { type = "layer_norm", learned = "elementwise", gamma = 0.7 } },
  { name = "t", tokens = 7, lagrangian = "gelu", motion = "adiabatic" },
  { name = "c", channels = 5, lagrangian = "gelu", motion = "adiabatic" } ]
connection = [
  { layers = ["t", "x"], synapse = { type = "shared", axis = "tokens", init_std = 0.3 } },
  { layers = ["c", "x"], synapse = { type = "shared", axis = "channels", init_std = 0.3, asymmetric = true } },
  { layers = ["t"], synapse = { type = "current", of = "tokens" } },
  { layers = ["c"], synapse = { type = "current", of = "channels" } },
  { layers = ["x"], synapse = "current" } ]
input = "both"
)";

const char* const kPooled = R"(layer = [
  { name = "x", lagrangian = { type = "spherical_norm", over = "channels", shift = 0.2, learned = "scalar" }, decay = false },
  { name = "s", shape = [6], lagrangian = { type = "rectified_polynomial", power = 3 } },
  { name = "c", shape = [5], lagrangian = "tanh" },
  { name = "u", lagrangian = "sigmoid", motion = "clamped" },
  { name = "e", shape = [2, 3], lagrangian = "exponential" } ]
connection = [
  { layers = ["s", "x"], synapse = { type = "shared", axis = "tokens", init_std = 0.3 } },
  { layers = ["c", "x"], synapse = { type = "shared", axis = "channels", init_std = 0.3, asymmetric = true } },
  { layers = ["u", "x"], synapse = { type = "dense", init_std = 0.1 } },
  { layers = ["e", "u"], synapse = { type = "dense", init_std = 0.1 } } ]
output_layer = "x"
)";

const char* const kRecall = R"(layer = [
  { name = "x", lagrangian = { type = "softmax", beta = 2, over = "channels" } },
  { name = "h", shape = [5], lagrangian = { type = "rectified_polynomial", power = 2 }, motion = "adiabatic" },
  { name = "i", shape = [4] } ]
connection = [ { layers = ["x"], synapse = { type = "memories", memories = 6, beta = 3, init_std = 1 } },
  { layers = ["h", "x"], synapse = { type = "dense", init_std = 0.3 } },
  { layers = ["i", "i"], synapse = { type = "dense", init_std = 0.1 } },
  { layers = ["i", "x"], synapse = { type = "dense", init_std = 0.3 } } ]
)";

const char* const kOthers = R"(layer = [
  { name = "picture", lagrangian = "layer_norm" },
  { name = "maps", channels = 3, lagrangian = { type = "rectified_polynomial", power = 1 } },
  { name = "top", shape = [4], lagrangian = "tanh" },
  { name = "alone", shape = [2] } ]
connection = [
  { layers = ["maps", "picture"], synapse = { type = "convolutional", init_std = 0.2 } },
  { layers = ["picture", "maps", "top"], synapse = { type = "multiway", init_std = 0.2 } } ]
)";

std::vector<Memory> memories() {
  const std::string in_turn = "order = \"in_turn\"\n";
  return {{"Denoiser", kDenoiser, {12}},
          {"DenoiserInTurn", kDenoiser + in_turn, {12}},
          {"Mixer", kMixer, {6, 4}},
          {"MixerInTurn", kMixer + in_turn, {6, 4}},
          {"Pooled", kPooled, {6, 4}},
          {"Recall", kRecall, {3, 4}},
          {"RecallInTurn", kRecall + in_turn, {3, 4}},
          {"Others", kOthers, {4, 5, 2}, false}};
}

std::shared_ptr<Ham> made(const Memory& memory, int64_t steps) {
  torch::manual_seed(41);
  auto ham = make_ham(memory.toml + "steps = " + std::to_string(steps), shape(memory.input));
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : ham->parameters()) {
    parameter.add_(torch::randn_like(parameter) * 0.1);
  }
  return ham;
}

torch::Tensor inputs(const Memory& memory, int64_t batch) {
  std::vector<int64_t> sizes = memory.input;
  sizes.insert(sizes.begin(), batch);
  return torch::randn(sizes, torch::kFloat64);
}

/// Counts what all threads allocate for tensors on the CPU from its making on; for the rest of the
/// program it stays LibTorch's allocator.
class CountingAllocator final : public c10::Allocator {
 public:
  CountingAllocator() : inner_(c10::GetCPUAllocator()) { c10::SetCPUAllocator(this, 1); }
  c10::DataPtr allocate(size_t size) override {
    ++count_;
    return inner_->allocate(size);
  }
  c10::DeleterFnPtr raw_deleter() const override { return inner_->raw_deleter(); }
  void copy_data(void* to, const void* from, size_t size) const override {
    default_copy_data(to, from, size);
  }
  int64_t count() const { return count_; }

 private:
  c10::Allocator* inner_;
  std::atomic<int64_t> count_ = 0;
};

CountingAllocator& allocator() {
  static auto* counting = new CountingAllocator;  // tensors may outlive all that is static
  return *counting;
}

int64_t allocations_of(Ham& ham, const torch::Tensor& input) {
  const torch::NoGradGuard no_grad;
  ham.forward(input);  // what is made once for ever
  const int64_t before = allocator().count();
  ham.forward(input);
  return allocator().count() - before;
}

class InPlace : public testing::TestWithParam<Memory> {};

TEST_P(InPlace, EndsWhereTheFormulasDo) {
  const auto ham = made(GetParam(), 7);
  // Sixteen a time: weights are laid out anew, one time: they are not.
  for (const int64_t batch : {1, 5, 16}) {
    const torch::Tensor input = inputs(GetParam(), batch);
    const torch::Tensor expected = ham->forward(input).detach();
    const torch::NoGradGuard no_grad;
    const torch::Tensor given = input.clone();
    const torch::Tensor found = ham->forward(given);
    EXPECT_TRUE(InPlaceDescent::can_run(ham->graph(), {}, given));
    EXPECT_LT(relative_error(found, expected), 1e-12) << batch;
    EXPECT_TRUE(given.equal(input));
    EXPECT_TRUE(found.is_contiguous());
  }
}

TEST_P(InPlace, EndsThereInFloatAndInInferenceMode) {
  const auto ham = made(GetParam(), 7);
  ham->to(torch::kFloat32);
  const torch::Tensor input = inputs(GetParam(), 40).to(torch::kFloat32);
  const torch::Tensor expected = ham->forward(input).detach();
  const c10::InferenceMode inference;
  EXPECT_LT(relative_error(ham->forward(input.clone()), expected), 2e-5);
}

TEST_P(InPlace, TakesEveryLayerAlong) {
  const auto ham = made(GetParam(), 5);
  const MemoryState from = ham->begin(inputs(GetParam(), 3));
  MemoryState expected = from;
  const torch::NoGradGuard no_grad;
  InPlaceDescent memory(ham->graph(), {}, from, 5);
  memory.begin(from);
  for (int i = 0; i < 5; ++i) {
    expected = stepped(ham->graph(), expected, {});
    memory.step();
  }
  for (size_t i = 0; i < expected.x.size(); ++i) {
    EXPECT_LT(relative_error(memory.state().x[i], expected.x[i]), 1e-12) << i;
    EXPECT_LT(relative_error(memory.state().g[i], expected.g[i]), 1e-12) << i;
  }
}

TEST_P(InPlace, AStepAllocatesNoTensor) {
  for (const auto type : {torch::kFloat64, torch::kFloat32}) {
    for (const int64_t batch : {1, 6, 64}) {
      const torch::Tensor input = inputs(GetParam(), batch).to(type);
      const auto some = made(GetParam(), 20);
      const auto twice = made(GetParam(), 40);
      some->to(type);
      twice->to(type);
      const int64_t more = allocations_of(*twice, input) - allocations_of(*some, input);
      if (GetParam().works_in_place) {
        EXPECT_EQ(more, 0) << batch;
      } else {
        EXPECT_GE(more, 20) << batch;  // so the count does count
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Memories,
                         InPlace,
                         testing::ValuesIn(memories()),
                         [](const testing::TestParamInfo<Memory>& info) {
                           return info.param.name;
                         });

TEST(InPlaceBatches, AreDividedSoThatEverySampleIsAnswered) {
  // 2 * (600 + 9 + 7) * 8 bytes a sample: more than fits at once from 426 samples on.
  Memory memory{"", kDenoiser, {600}};
  const auto ham = made(memory, 3);
  for (const int64_t batch : {425, 852, 853}) {
    const torch::Tensor input = inputs(memory, batch);
    const torch::Tensor expected = ham->forward(input).detach();
    const torch::NoGradGuard no_grad;
    EXPECT_LT(relative_error(ham->forward(input), expected), 1e-12) << batch;
  }
}

TEST(InPlaceBatches, MayBeEmpty) {
  const auto ham = made({"", kDenoiser, {12}}, 3);
  const torch::NoGradGuard no_grad;
  EXPECT_EQ(ham->forward(torch::empty({0, 12}, torch::kFloat64)).sizes(),
            torch::IntArrayRef({0, 12}));
}

}  // namespace
}  // namespace mixwright::energy
