#include "framework/data/picture_sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "plugins/image_folder/image_folder.h"
#include "tests/support/error_text.h"
#include "tests/unit/data/idx_writer.h"
#include "tests/unit/data/picture_files.h"

namespace mixwright {
namespace {

DatasetInfo pictures_of(int64_t height, int64_t width, int64_t channels, int64_t resize = 0) {
  DatasetInfo info;
  info.input.grid = {height, width};
  info.input.channels = channels;
  info.resize = resize;
  return info;
}

torch::Tensor noise(int64_t height, int64_t width, int64_t channels) {
  return torch::randint(256, {height, width, channels}, torch::kUInt8);
}

std::string png_file(const torch::Tensor& picture) {
  test::PngChoices choices;
  choices.colour = picture.size(2) == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY;
  return test::png_bytes(picture.reshape({picture.size(0), -1}), picture.size(1), choices);
}

torch::Tensor sample_of(const std::string& bytes, const DatasetInfo& info, bool invert = false) {
  return data::picture_sample(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "a.png", info, invert);
}

TEST(PictureSample, KnowsWhatIsAPicture) {
  EXPECT_TRUE(data::are_pictures(pictures_of(28, 28, 1)));
  EXPECT_TRUE(data::are_pictures(pictures_of(20, 30, 3)));
  EXPECT_FALSE(data::are_pictures(pictures_of(28, 28, 2)));
  DatasetInfo other;
  other.input.grid = {64};
  EXPECT_FALSE(data::are_pictures(other));
  other.vocabulary = 9;
  other.input.grid = {8, 8};
  other.input.channels = 1;
  EXPECT_FALSE(data::are_pictures(other));
}

TEST(PictureSample, OfTheRightSizeStaysAsItIs) {
  for (const int64_t channels : {1, 3}) {
    const torch::Tensor square = noise(28, 28, channels);
    EXPECT_TRUE(torch::equal(sample_of(png_file(square), pictures_of(28, 28, channels)), square));
    const torch::Tensor wide = noise(20, 31, channels);
    EXPECT_TRUE(torch::equal(sample_of(png_file(wide), pictures_of(20, 31, channels)), wide));
  }
}

TEST(PictureSample, GrayAndColouredBecomeEachOther) {
  const torch::Tensor gray = noise(9, 9, 1);
  const torch::Tensor coloured = gray.expand({9, 9, 3}).contiguous();
  EXPECT_TRUE(torch::equal(sample_of(png_file(gray), pictures_of(9, 9, 3)), coloured));
  EXPECT_TRUE(torch::equal(sample_of(png_file(coloured), pictures_of(9, 9, 1)), gray));
}

TEST(PictureSample, ShorterSideFitsAndTheCentreIsCut) {
  const torch::Tensor wide = noise(30, 70, 3);
  EXPECT_TRUE(torch::equal(sample_of(png_file(wide), pictures_of(10, 10, 3)),
                           resize_and_crop(wide, 10, 10)));
  EXPECT_TRUE(torch::equal(sample_of(png_file(wide), pictures_of(10, 10, 3, 16)),
                           resize_and_crop(wide, 16, 10)));
  const torch::Tensor small = noise(5, 7, 3);
  EXPECT_EQ(sample_of(png_file(small), pictures_of(20, 20, 3)).sizes(),
            (std::vector<int64_t>{20, 20, 3}));
}

TEST(PictureSample, SamplesThatAreNoSquaresAreCovered) {
  // Of twice the sample's height and four times its width the middle half is left.
  const torch::Tensor wide = noise(40, 120, 1);
  const torch::Tensor sample = sample_of(png_file(wide), pictures_of(20, 30, 1));
  EXPECT_TRUE(torch::equal(sample, resize_picture(wide, 20, 60).narrow(1, 15, 30)));
  const torch::Tensor tall = noise(200, 60, 1);
  EXPECT_TRUE(torch::equal(sample_of(png_file(tall), pictures_of(20, 30, 1)),
                           resize_picture(tall, 100, 30).narrow(0, 40, 20)));
  const torch::Tensor margin = noise(40, 60, 1);
  EXPECT_TRUE(torch::equal(sample_of(png_file(margin), pictures_of(20, 30, 1, 40)),
                           margin.narrow(0, 10, 20).narrow(1, 15, 30)));
}

TEST(PictureSample, InvertedIsBrightForDark) {
  const torch::Tensor picture = noise(6, 6, 1);
  EXPECT_TRUE(
      torch::equal(sample_of(png_file(picture), pictures_of(6, 6, 1), true), 255 - picture));
}

TEST(PictureSample, APhotoStandsUpright) {
  // EXIF orientation 6 in a TIFF block of one entry.
  const std::string exif(
      "\xff\xe1\0\x22"
      "Exif\0\0"
      "MM\0*\0\0\0\x08\0\x01"
      "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"
      "\0\0\0\0",
      36);
  const std::string stored = test::jpeg_bytes(test::slopes(16, 16, 3));
  std::string turned = stored;
  turned.insert(2, exif);
  const DatasetInfo info = pictures_of(16, 16, 3);
  EXPECT_TRUE(
      torch::equal(sample_of(turned, info), sample_of(stored, info).transpose(0, 1).flip(1)));
}

TEST(PictureSample, WhatCannotBeReadIsNamed) {
  EXPECT_THAT(test::error_text([] { sample_of("no picture", pictures_of(8, 8, 1)); }),
              testing::StartsWith("a.png: is neither a JPEG nor a PNG file"));
  EXPECT_THAT(
      test::error_text([] { sample_of(png_file(noise(1, 60000, 1)), pictures_of(4096, 4096, 1)); }),
      testing::StartsWith("a.png: resizing: "));
}

TEST(PictureSample, IsWhatTheDatasetReads) {
  const test::TestFolder folder("mixwright-picture-sample");
  for (const char* split : {"train", "test"}) {
    test::write_file(folder / (std::string(split) + "/a/0.jpg"),
                     test::jpeg_bytes(test::slopes(70, 50, 3)));
  }
  for (const auto& [channels, interpolation] : {std::pair(1, PictureInterpolation::kBilinear),
                                                std::pair(3, PictureInterpolation::kBilinear),
                                                std::pair(3, PictureInterpolation::kBicubic)}) {
    ImageFolderOptions options;
    options.interpolation = interpolation;
    options.folder = folder.path().string();
    options.size = 24;
    options.resize = 32;
    options.channels = channels;
    const ImageFolder dataset(options);
    EXPECT_EQ(dataset.info().resize, 32);
    const std::vector<uint8_t> bytes = read_picture_bytes((folder / "test/a/0.jpg").string());
    const int64_t first = 0;
    const data::SampleFacts facts(dataset);
    EXPECT_EQ(facts.interpolation, interpolation);
    EXPECT_TRUE(torch::equal(data::picture_sample(bytes, "0.jpg", facts, false),
                             dataset.read(Split::kTest, {&first, 1}).inputs[0]));
  }
}

}  // namespace
}  // namespace mixwright
