#include "component_name.h"

#include <iostream>

#include <mixwright/error.h>

int main() {
  ComponentNameOptions options;
  options.samples = 100;
  const ComponentName dataset(options);
  const std::vector<int64_t> indices = {0, 99, 0};
  const mixwright::Batch batch = dataset.read(mixwright::Split::kTrain, indices);
  if (!batch.inputs[0].equal(batch.inputs[2]) || batch.inputs[0].equal(batch.inputs[1])) {
    std::cerr << "a sample is the same each time, and two samples are not\n";
    return 1;
  }
  const std::vector<int64_t> beyond = {20};
  try {
    dataset.read(mixwright::Split::kTest, beyond);
    std::cerr << "sample 20 of 20 was read\n";
    return 1;
  } catch (const mixwright::Error&) {
    return 0;
  }
}
