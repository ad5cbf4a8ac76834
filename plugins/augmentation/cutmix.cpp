#include "cutmix.h"

#include <algorithm>
#include <cmath>

#include "mixing.h"

void Cutmix::apply_to_batch(mixwright::Batch& batch, mixwright::SampleRandom& random) const {
  if (!mixing::wanted(batch, options_.probability, random, "cutmix")) return;
  const double lambda = random.beta(options_.alpha, options_.alpha);
  std::vector<int64_t> grid;
  std::vector<int64_t> centre;
  for (int64_t dim = 1; dim + 1 < batch.inputs.dim(); ++dim) {
    grid.push_back(batch.inputs.size(dim));
    centre.push_back(random.integer(0, grid.back() - 1));
  }
  mix(batch, box(grid, lambda, centre));
}

std::vector<Cutmix::Side> Cutmix::box(const std::vector<int64_t>& grid,
                                      double lambda,
                                      const std::vector<int64_t>& centre) {
  // sqrt for pictures, so that lengths are timm's to the last place.
  const double part = grid.size() == 2
                          ? std::sqrt(1.0 - lambda)
                          : std::pow(1.0 - lambda, 1.0 / static_cast<double>(grid.size()));
  std::vector<Side> sides;
  for (size_t i = 0; i < grid.size(); ++i) {
    const auto length = static_cast<int64_t>(static_cast<double>(grid[i]) * part);
    sides.push_back({std::max<int64_t>(0, centre[i] - length / 2),
                     std::min(grid[i], centre[i] + (length + 1) / 2)});
  }
  return sides;
}

void Cutmix::mix(mixwright::Batch& batch, const std::vector<Side>& box) {
  torch::Tensor mixed = batch.inputs.clone();
  torch::Tensor to = mixed;
  torch::Tensor from = batch.inputs.flip({0});
  int64_t replaced = 1;
  int64_t places = 1;
  for (size_t i = 0; i < box.size(); ++i) {
    const int64_t dim = static_cast<int64_t>(i) + 1;
    const int64_t length = box[i].end - box[i].begin;
    replaced *= length;
    places *= mixed.size(dim);
    to = to.narrow(dim, box[i].begin, length);
    from = from.narrow(dim, box[i].begin, length);
  }
  to.copy_(from);
  batch.inputs = mixed;
  mixing::note_partners(batch, static_cast<double>(replaced) / static_cast<double>(places));
}
