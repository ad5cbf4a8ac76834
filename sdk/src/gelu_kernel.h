// GELU for one instruction set: included as product_kernel.h is, by the same files and before it.

#include <cstdint>
#include <cstring>

namespace mixwright::MIXWRIGHT_INSTRUCTION_SET {
namespace {

using Numbers = float __attribute__((vector_size(64)));
constexpr int64_t kNumbers = 16;

/// x <- x (1 + erf(x / sqrt 2)) / 2. erf(z) = z P(z^2) / Q(z^2) for |z| <= 3.925, where it is one
/// in float32; coefficients by weighted least squares on 4,000 Chebyshev points, 2e-8 of erf in
/// exact arithmetic.
inline void gelu_of(Numbers& x) {
  constexpr float kSqrtHalf = 0.70710678F;
  const Numbers end = Numbers{} + 3.925F;
  const Numbers one = Numbers{} + 1.0F;
  const Numbers z = x * kSqrtHalf;
  const Numbers u = z * z;
  Numbers p = u * 2.0462307e-06F + 0.00028482915F;
  p = p * u + 0.003771712F;
  p = p * u + 0.05276669F;
  p = p * u + 0.19057357F;
  p = p * u + 1.1283791F;
  Numbers q = u * 3.804916e-05F + 0.0011636639F;
  q = q * u + 0.014981502F;
  q = q * u + 0.11417443F;
  q = q * u + 0.50222415F;
  q = q * u + 1.0F;
  Numbers erf = z * p / q;
  erf = z > end ? one : erf;  // NaN stays
  erf = z < -end ? -one : erf;
  x = x * 0.5F * (erf + 1.0F);
}

}  // namespace

void gelu(const float* x, float* y, int64_t size) {
  int64_t i = 0;
  Numbers value;
  for (; i + kNumbers <= size; i += kNumbers) {
    std::memcpy(&value, x + i, sizeof(value));
    gelu_of(value);
    std::memcpy(y + i, &value, sizeof(value));
  }
  if (i == size) return;
  const auto bytes = static_cast<size_t>(size - i) * sizeof(float);
  value = Numbers{};
  std::memcpy(&value, x + i, bytes);
  gelu_of(value);
  std::memcpy(y + i, &value, bytes);
}

}  // namespace mixwright::MIXWRIGHT_INSTRUCTION_SET
