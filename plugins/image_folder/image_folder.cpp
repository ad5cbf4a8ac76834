#include "image_folder.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include <mixwright/error.h>
#include <mixwright/picture.h>

using mixwright::Batch;
using mixwright::BuildError;
using mixwright::Error;
using mixwright::Split;

namespace {

namespace fs = std::filesystem;

// Of ImageNet's training pictures, as torchvision and timm have them.
const std::vector<double> kImageNetMean = {0.485, 0.456, 0.406};
const std::vector<double> kImageNetStd = {0.229, 0.224, 0.225};
constexpr int64_t kMegabyte = 1'000'000;

void check_options(const ImageFolderOptions& options) {
  if (options.folder.empty() && !fs::path(options.train).has_parent_path()) {
    throw BuildError("folder is not given; set data.folder to the folder that holds " +
                     options.train);
  }
  if (options.channels == 2) throw BuildError("channels = 2; 1 or 3 expected");
  if (options.resize != 0 && options.resize < options.size) {
    throw BuildError("resize = " + std::to_string(options.resize) + " is less than size = " +
                     std::to_string(options.size) + ", which is cut out of it");
  }
  if (options.size == 0 && (options.resize != 0 || options.reduced_decode)) {
    throw BuildError(std::string(options.resize != 0 ? "resize" : "reduced_decode") +
                     " needs size; with size = 0 pictures stay as they are");
  }
  if (options.random_resized_crop) check_bounds(*options.random_resized_crop);
}

/// Where the test split lies.
fs::path test_of(const ImageFolderOptions& options) {
  const fs::path base(options.folder);
  if (!options.test.empty()) return base / options.test;
  const bool has_test = fs::exists(base / "test");
  const bool has_val = fs::exists(base / "val");
  if (has_test && has_val) {
    throw Error(base.string() + ": holds test and val; say which one by test = \"val\"");
  }
  return base / (has_val ? "val" : "test");
}

PictureList list_of(const fs::path& place, PictureClasses& classes) {
  if (fs::is_directory(place)) return list_class_folders(place, classes);
  if (fs::is_regular_file(place)) return list_csv(place, classes);
  throw Error(place.string() +
              ": no such folder or list; <folder>/train and <folder>/test (or val) with a folder "
              "for each class expected, or CSV lists named by train and test");
}

std::string sizes_text(int64_t height, int64_t width) {
  return std::to_string(width) + " x " + std::to_string(height);
}

}  // namespace

ImageFolder::ImageFolder(Options options) : options_(std::move(options)) {
  check_options(options_);
  if (options_.resize == 0) options_.resize = options_.size;
  PictureClasses classes;
  classes.names = options_.class_names;
  classes.count = static_cast<int64_t>(classes.names.size());
  train_ = list_of(fs::path(options_.folder) / options_.train, classes);
  test_ = list_of(test_of(options_), classes);
  info_.classes = classes.count;
  info_.class_names = classes.names;
  height_ = width_ = options_.size;
  if (options_.size == 0) take_own_size();
  info_.input.grid = {height_, width_};
  info_.input.channels = options_.channels;
  info_.resize = options_.resize;
  set_constants();
  cache_ = std::make_unique<PictureCache>(
      options_.cache_mb * kMegabyte,
      static_cast<int64_t>(train_.paths.size() + test_.paths.size()));
}

void ImageFolder::set_constants() {
  const bool gray = options_.channels == 1;
  const auto chosen = [&](const std::vector<double>& given,
                          const std::vector<double>& image_net,
                          const char* name) {
    if (given.empty()) return gray ? std::vector<double>{0.5} : image_net;
    if (given.size() != 1 && static_cast<int64_t>(given.size()) != options_.channels) {
      throw BuildError(std::string(name) + " has " + std::to_string(given.size()) +
                       " values for channels = " + std::to_string(options_.channels) +
                       "; one for each expected, or one for all");
    }
    return given;
  };
  info_.mean = chosen(options_.mean, kImageNetMean, "mean");
  info_.std = chosen(options_.std, kImageNetStd, "std");
}

// Every header is looked at, so that one picture of another size is found now and not hours later.
void ImageFolder::take_own_size() {
  for (const PictureList* half : {&train_, &test_}) {
    for (const std::string& path : half->paths) {
      const mixwright::PictureInfo info = mixwright::read_picture_info(path);
      if (height_ == 0) {
        height_ = info.height;
        width_ = info.width;
      }
      if (info.height == height_ && info.width == width_) continue;
      throw Error(path + ": " + sizes_text(info.height, info.width) + " pixels, " +
                  train_.paths.front() + " has " + sizes_text(height_, width_) +
                  "; set data.size to bring all to one size");
    }
  }
}

int64_t ImageFolder::size(Split split) const {
  return static_cast<int64_t>(list(split).paths.size());
}

/// The picture as it is decoded, out of the cache or into it where whole pictures are kept.
torch::Tensor ImageFolder::whole(Split split, int64_t index) const {
  const bool keeps = keeps_pictures(split) && !options_.reduced_decode;
  torch::Tensor picture;
  if (keeps) picture = cache_->find(index);
  if (picture.defined()) return picture;
  mixwright::PictureOptions options;
  options.channels = options_.channels;
  if (options_.reduced_decode) options.least_side = options_.resize;
  picture = mixwright::read_picture(list(split).paths[static_cast<size_t>(index)], options);
  if (keeps) cache_->keep(index, picture);
  return picture;
}

torch::Tensor ImageFolder::prepared(const torch::Tensor& picture, const std::string& path) const {
  if (options_.size == 0) {
    if (picture.size(0) != height_ || picture.size(1) != width_) {
      throw Error(path + ": " + sizes_text(picture.size(0), picture.size(1)) + " pixels, " +
                  sizes_text(height_, width_) + " when the program started");
    }
    return picture;
  }
  try {
    return mixwright::resize_and_crop(
        picture, options_.resize, options_.size, options_.interpolation);
  } catch (const Error& error) {
    throw Error(path + ": " + error.what());
  }
}

torch::Tensor ImageFolder::sample(Split split, int64_t index) const {
  const std::string& path = list(split).paths[static_cast<size_t>(index)];
  if (keeps_pictures(split)) return prepared(whole(split, index), path);
  const int64_t place = index + (split == Split::kTrain ? 0 : size(Split::kTrain));
  torch::Tensor sample = cache_->find(place);
  if (sample.defined()) return sample;
  sample = prepared(whole(split, index), path);
  cache_->keep(place, sample);
  return sample;
}

torch::Tensor ImageFolder::crop(int64_t index, mixwright::SampleRandom& random) const {
  const RandomResizedCropOptions& options = *options_.random_resized_crop;
  const std::string& path = train_.paths[static_cast<size_t>(index)];
  torch::Tensor cut;
  if (options_.reduced_decode) {
    // The scale depends on the crop, so there is no one picture to keep for all of them.
    const std::vector<uint8_t> bytes = mixwright::read_picture_bytes(path);
    const mixwright::PictureInfo info = mixwright::picture_info(bytes, path);
    mixwright::PictureOptions decoding;
    decoding.channels = options_.channels;
    decoding.crop = random_resized_crop(info.height, info.width, options, random);
    decoding.least_side = std::max(height_, width_);
    cut = mixwright::decode_picture(bytes, path, decoding);
  } else {
    const torch::Tensor picture = whole(Split::kTrain, index);
    const mixwright::PictureBox box =
        random_resized_crop(picture.size(0), picture.size(1), options, random);
    cut = picture.narrow(0, box.top, box.height).narrow(1, box.left, box.width);
  }
  return mixwright::resize_picture(cut, height_, width_, options.interpolation);
}

template <class Each>
Batch ImageFolder::batch_of(Split split, std::span<const int64_t> indices, const Each& each) const {
  const auto count = static_cast<int64_t>(indices.size());
  Batch batch;
  batch.inputs = torch::empty({count, height_, width_, options_.channels}, torch::kUInt8);
  batch.targets = torch::empty({count}, torch::kInt64);
  batch.indices = torch::empty({count}, torch::kInt64);
  const int64_t values = height_ * width_ * options_.channels;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = indices[static_cast<size_t>(i)];
    if (index < 0 || index >= size(split)) {
      throw Error("sample " + std::to_string(index) + " does not exist; the split has " +
                  std::to_string(size(split)));
    }
    const torch::Tensor sample = each(i, index).contiguous();
    std::memcpy(batch.inputs.data_ptr<uint8_t>() + i * values,
                sample.template const_data_ptr<uint8_t>(),
                static_cast<size_t>(values));
    batch.targets.data_ptr<int64_t>()[i] = list(split).classes[static_cast<size_t>(index)];
    batch.indices.data_ptr<int64_t>()[i] = index;
  }
  return batch;
}

Batch ImageFolder::read(Split split, std::span<const int64_t> indices) const {
  return batch_of(split, indices, [&](int64_t, int64_t index) { return sample(split, index); });
}

Batch ImageFolder::read_for_training(std::span<const int64_t> indices,
                                     std::span<mixwright::SampleRandom> random) const {
  if (!options_.random_resized_crop) return read(Split::kTrain, indices);
  return batch_of(Split::kTrain, indices, [&](int64_t i, int64_t index) {
    return crop(index, random[static_cast<size_t>(i)]);
  });
}
