#pragma once

#include <mixwright/transform.h>

enum class CropBorder { kZero, kReflect };

MIXWRIGHT_CHOICES(CropBorder,
                  choice("zero", CropBorder::kZero),
                  choice("reflect", CropBorder::kReflect))

struct RandomCropOptions {
  int64_t padding = 4;
  CropBorder border = CropBorder::kZero;
};

MIXWRIGHT_OPTIONS(RandomCropOptions,
                  field("padding", &RandomCropOptions::padding)
                      .at_least(1)
                      .doc("places by which the sample may move in each direction"),
                  field("border", &RandomCropOptions::border)
                      .doc("what moves in from outside: zeros, or the sample mirrored at its edge"))

/// Pads a sample on all sides and cuts the old size out at a random place: it moves by up to
/// `padding` places along each grid dimension.
/// Shape: [*grid, C] -> the same.
class RandomCrop final : public mixwright::Transform {
 public:
  using Options = RandomCropOptions;
  explicit RandomCrop(const Options& options) : options_(options) {}
  torch::Tensor apply(const torch::Tensor& sample, mixwright::SampleRandom& random) const override;

 private:
  torch::Tensor move(const torch::Tensor& sample, int64_t dim, int64_t by) const;
  Options options_;
};
