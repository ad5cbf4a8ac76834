// Mixers that throw, in the constructor or in forward, all that C++ and LibTorch can throw.
#include <cstdlib>
#include <stdexcept>

#include <mixwright/token_mixer.h>

namespace {

enum class What { kStandard, kNumber, kTorch };

void throw_one(What what) {
  switch (what) {
    case What::kStandard:
      throw std::runtime_error("the planted standard exception");
    case What::kNumber:
      throw 42;
    case What::kTorch:
      TORCH_CHECK(false, "the planted LibTorch error");
  }
}

template <What kWhat>
class ThrowsInConstructor final : public mixwright::TokenMixer {
 public:
  ThrowsInConstructor() { throw_one(kWhat); }
  torch::Tensor forward(const torch::Tensor& x) override { return x; }
};

template <What kWhat>
class ThrowsInForward final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override {
    throw_one(kWhat);
    return x;
  }
};

class CrashesInForward final : public mixwright::TokenMixer {
 public:
  torch::Tensor forward(const torch::Tensor& x) override {
    std::abort();
    return x;
  }
};

}  // namespace

MIXWRIGHT_PLUGIN(
    "boundary_throws",
    "1.0.0",
    "Apache-2.0",
    token_mixer<ThrowsInConstructor<What::kStandard>>("create_standard", "throws", "no paper"),
    token_mixer<ThrowsInConstructor<What::kNumber>>("create_number", "throws", "no paper"),
    token_mixer<ThrowsInConstructor<What::kTorch>>("create_torch", "throws", "no paper"),
    token_mixer<ThrowsInForward<What::kStandard>>("forward_standard", "throws", "no paper"),
    token_mixer<ThrowsInForward<What::kNumber>>("forward_number", "throws", "no paper"),
    token_mixer<ThrowsInForward<What::kTorch>>("forward_torch", "throws", "no paper"),
    token_mixer<CrashesInForward>("forward_crash", "aborts", "no paper"))
