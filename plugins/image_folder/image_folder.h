#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mixwright/dataset.h>

#include "picture_cache.h"
#include "picture_list.h"
#include "random_resized_crop.h"

struct ImageFolderOptions {
  std::string folder;
  std::string train = "train";
  std::string test;
  int64_t size = 0;
  int64_t channels = 3;
  int64_t resize = 0;
  mixwright::PictureInterpolation interpolation = mixwright::PictureInterpolation::kBilinear;
  std::optional<RandomResizedCropOptions> random_resized_crop;
  bool reduced_decode = false;
  int64_t cache_mb = 0;
  std::vector<std::string> class_names;
  std::vector<double> mean;
  std::vector<double> std;
};

MIXWRIGHT_OPTIONS(
    ImageFolderOptions,
    field("folder", &ImageFolderOptions::folder)
        .doc("where train and test lie; relative paths start at the current folder"),
    field("train", &ImageFolderOptions::train)
        .doc("folder of class folders, or a CSV list of path and label"),
    field("test", &ImageFolderOptions::test)
        .doc("the same for the test split; \"\": test, or val where there is no test"),
    field("size", &ImageFolderOptions::size)
        .at_least(0)
        .at_most(8192)
        .doc("height and width of a sample; 0: the pictures' own, the same for all"),
    field("channels", &ImageFolderOptions::channels)
        .at_least(1)
        .at_most(3)
        .doc("3: red, green, blue; 1: gray"),
    field("resize", &ImageFolderOptions::resize)
        .at_least(0)
        .at_most(8192)
        .doc("what the shorter side becomes before the centre is cut out; 0: size"),
    field("interpolation", &ImageFolderOptions::interpolation)
        .doc("how pixels between others are made in that; a random_resized_crop has its own"),
    field("random_resized_crop", &ImageFolderOptions::random_resized_crop)
        .doc("crop of training pictures; {}: ImageNet's usual one"),
    field("reduced_decode", &ImageFolderOptions::reduced_decode)
        .doc("decode a JPEG at 1/2, 1/4 or 1/8 where that suffices: faster, slightly other pixels"),
    field("cache_mb", &ImageFolderOptions::cache_mb)
        .at_least(0)
        .at_most(1e7)
        .doc("megabytes of decoded pictures kept in memory"),
    field("class_names", &ImageFolderOptions::class_names)
        .doc("the classes in the order of their indices; []: as the folders or labels are sorted"),
    field("mean", &ImageFolderOptions::mean)
        .doc("of every channel, in 0 to 1; []: ImageNet's, 0.5 for gray"),
    field("std", &ImageFolderOptions::std)
        .at_least(1e-6)
        .doc("of every channel; []: ImageNet's, 0.5 for gray"))

/// Pictures with a class each: JPEG and PNG files in class folders, or named by CSV lists. They are
/// decoded as they are asked for.
///
/// A sample is resize_and_crop(picture, resize, size, interpolation); with random_resized_crop a
/// training sample is resize_picture(crop, size, size) of a random crop. The cache changes no pixel
/// of either.
///
/// Shape: inputs [B, size, size, C] bytes; targets [B] int64.
/// Throws: mixwright::Error that names the file or the list's line.
class ImageFolder final : public mixwright::Dataset, public mixwright::ResizesPictures {
 public:
  using Options = ImageFolderOptions;
  explicit ImageFolder(Options options);

  const mixwright::DatasetInfo& info() const override { return info_; }
  mixwright::PictureInterpolation interpolation() const override { return options_.interpolation; }
  int64_t size(mixwright::Split split) const override;
  mixwright::Batch read(mixwright::Split split, std::span<const int64_t> indices) const override;
  mixwright::Batch read_for_training(std::span<const int64_t> indices,
                                     std::span<mixwright::SampleRandom> random) const override;
  int64_t cached_bytes() const { return cache_->bytes(); }

 private:
  const PictureList& list(mixwright::Split split) const {
    return split == mixwright::Split::kTrain ? train_ : test_;
  }
  /// Whether whole pictures are cached, for crops of them, and not samples.
  bool keeps_pictures(mixwright::Split split) const {
    return options_.random_resized_crop && split == mixwright::Split::kTrain;
  }
  void set_constants();
  void take_own_size();
  torch::Tensor whole(mixwright::Split split, int64_t index) const;
  torch::Tensor sample(mixwright::Split split, int64_t index) const;
  torch::Tensor prepared(const torch::Tensor& picture, const std::string& path) const;
  torch::Tensor crop(int64_t index, mixwright::SampleRandom& random) const;
  template <class Each>
  mixwright::Batch batch_of(mixwright::Split split,
                            std::span<const int64_t> indices,
                            const Each& each) const;

  ImageFolderOptions options_;
  PictureList train_;
  PictureList test_;
  int64_t height_ = 0;
  int64_t width_ = 0;
  mixwright::DatasetInfo info_;
  std::unique_ptr<PictureCache> cache_;
};
