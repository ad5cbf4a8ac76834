#include "component_name.h"

#include <iostream>

int main() {
  const torch::Tensor sample = torch::full({4, 4, 3}, 200, torch::kUInt8);
  const ComponentName transform(ComponentNameOptions{.strength = 0.5});
  const ComponentName nothing(ComponentNameOptions{.strength = 0});
  int64_t brighter = 0;
  for (uint64_t i = 0; i < 100; ++i) {
    mixwright::SampleRandom random(1, 0, i);
    const auto value = transform.apply(sample, random).max().item<int64_t>();
    if (value < 100) {
      std::cerr << "200 became " << value << ", at least half of it expected\n";
      return 1;
    }
    brighter += value > 200 ? 1 : 0;
  }
  if (brighter < 30 || brighter > 70) {
    std::cerr << brighter << " of 100 became brighter, about half expected\n";
    return 1;
  }
  mixwright::SampleRandom random(1, 0, 0);
  if (!nothing.apply(sample, random).equal(sample)) {
    std::cerr << "strength 0 changes the sample\n";
    return 1;
  }
  return 0;
}
