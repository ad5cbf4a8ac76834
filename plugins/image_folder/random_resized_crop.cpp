#include "random_resized_crop.h"

#include <cmath>

#include <mixwright/error.h>

namespace {

constexpr int kAttempts = 10;

int64_t rounded(double value) {
  return static_cast<int64_t>(std::nearbyint(value));
}

mixwright::PictureBox central(int64_t height, int64_t width, const std::vector<double>& ratio) {
  const double own = static_cast<double>(width) / static_cast<double>(height);
  mixwright::PictureBox box;
  box.height = height;
  box.width = width;
  if (own < ratio.front()) {
    box.height =
        std::clamp<int64_t>(rounded(static_cast<double>(width) / ratio.front()), 1, height);
  } else if (own > ratio.back()) {
    box.width = std::clamp<int64_t>(rounded(static_cast<double>(height) * ratio.back()), 1, width);
  }
  box.top = (height - box.height) / 2;
  box.left = (width - box.width) / 2;
  return box;
}

}  // namespace

mixwright::PictureBox random_resized_crop(int64_t height,
                                          int64_t width,
                                          const RandomResizedCropOptions& options,
                                          mixwright::SampleRandom& random) {
  const auto area = static_cast<double>(height * width);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double target = area * random.uniform(options.scale.front(), options.scale.back());
    const double ratio =
        std::exp(random.uniform(std::log(options.ratio.front()), std::log(options.ratio.back())));
    mixwright::PictureBox box;
    box.width = rounded(std::sqrt(target * ratio));
    box.height = rounded(std::sqrt(target / ratio));
    if (box.width < 1 || box.width > width || box.height < 1 || box.height > height) continue;
    box.top = random.integer(0, height - box.height);
    box.left = random.integer(0, width - box.width);
    return box;
  }
  return central(height, width, options.ratio);
}

void check_bounds(const RandomResizedCropOptions& options) {
  const auto check = [](const std::vector<double>& bounds, const std::string& name) {
    if (bounds.size() == 2 && bounds.front() <= bounds.back()) return;
    throw mixwright::BuildError("random_resized_crop." + name +
                                ": the lowest and the highest value expected, as in [0.08, 1.0]");
  };
  check(options.scale, "scale");
  check(options.ratio, "ratio");
}
