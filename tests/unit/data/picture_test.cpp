#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "tests/support/error_text.h"
#include "tests/unit/data/idx_writer.h"
#include "tests/unit/data/picture_files.h"

namespace mixwright {
namespace {

using test::error_text;
using test::jpeg_bytes;
using test::png_bytes;
using test::slopes;
using test::write_file;
using testing::HasSubstr;

std::span<const uint8_t> span_of(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

torch::Tensor decoded(const std::string& bytes, const PictureOptions& options = {}) {
  return decode_picture(span_of(bytes), "test", options);
}

std::string decode_error(const std::string& bytes, const PictureOptions& options = {}) {
  const std::string text = error_text([&] { decoded(bytes, options); });
  EXPECT_THAT(text, testing::StartsWith("test: "));
  EXPECT_EQ(text.find('\n'), std::string::npos);
  return text;
}

/// Largest and mean difference of two pictures.
std::pair<double, double> apart(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  if (a.sizes() != b.sizes()) return {255, 255};
  const torch::Tensor difference = (a.to(torch::kFloat32) - b.to(torch::kFloat32)).abs();
  return {difference.max().item<double>(), difference.mean().item<double>()};
}

torch::Tensor gray_of(const torch::Tensor& rgb) {
  return torch::matmul(rgb.to(torch::kFloat32),
                       torch::tensor({0.299, 0.587, 0.114}).to(torch::kFloat32))
      .round()
      .to(torch::kUInt8)
      .unsqueeze(2);
}

PictureOptions gray() {
  PictureOptions options;
  options.channels = 1;
  return options;
}

std::string rgb_png(const torch::Tensor& picture) {
  return png_bytes(picture.reshape({picture.size(0), -1}), picture.size(1), {});
}

TEST(Picture, PngComesBackAsItWasWritten) {
  const test::TestFolder folder("mixwright-picture");
  for (const int64_t channels : {1, 3}) {
    const torch::Tensor picture = torch::randint(256, {7, 5, channels}, torch::kUInt8);
    const std::string path = (folder / "a.jpg").string();  // the name says nothing
    write_png(path, picture);
    PictureOptions options;
    options.channels = channels;
    EXPECT_TRUE(torch::equal(read_picture(path, options), picture));
    const PictureInfo info = read_picture_info(path);
    EXPECT_EQ(info.format, PictureFormat::kPng);
    EXPECT_EQ(info.height, 7);
    EXPECT_EQ(info.width, 5);
  }
}

TEST(Picture, JpegIsNearWhatWasWritten) {
  for (const bool progressive : {false, true}) {
    test::JpegChoices choices;
    choices.progressive = progressive;
    const torch::Tensor picture = slopes(40, 50, 3);
    const std::string bytes = jpeg_bytes(picture, choices);
    const auto [most, mean] = apart(decoded(bytes), picture);
    EXPECT_LT(most, 30);
    EXPECT_LT(mean, 3);
    EXPECT_LT(apart(decoded(bytes, gray()), gray_of(picture)).second, 3);
    const PictureInfo info = picture_info(span_of(bytes), "test");
    EXPECT_EQ(info.format, PictureFormat::kJpeg);
    EXPECT_EQ(info.height, 40);
    EXPECT_EQ(info.width, 50);
  }
}

TEST(Picture, GrayBecomesColoursAndColoursGray) {
  const torch::Tensor picture = slopes(16, 16, 1);
  EXPECT_LT(apart(decoded(jpeg_bytes(picture)), picture.expand({16, 16, 3})).second, 2);
  test::PngChoices choices;
  choices.colour = PNG_COLOR_TYPE_GRAY;
  const std::string png = png_bytes(picture.squeeze(2), 16, choices);
  EXPECT_TRUE(torch::equal(decoded(png), picture.expand({16, 16, 3})));
  const torch::Tensor colours = torch::randint(256, {9, 9, 3}, torch::kUInt8);
  EXPECT_LE(apart(decoded(rgb_png(colours), gray()), gray_of(colours)).first, 1);
}

TEST(Picture, CmykIsWhatAPrinterMeans) {
  // Cyan 255, no black, as Adobe inverts it: 0, 255, 255, 255.
  const torch::Tensor cyan = torch::tensor({0, 255, 255, 255}).to(torch::kUInt8).expand({8, 8, 4});
  test::JpegChoices choices;
  choices.cmyk = true;
  const torch::Tensor colours = decoded(jpeg_bytes(cyan, choices));
  EXPECT_LT(apart(colours, torch::tensor({0, 255, 255}).to(torch::kUInt8).expand({8, 8, 3})).first,
            8);
  EXPECT_NEAR(decoded(jpeg_bytes(cyan, choices), gray())[3][3][0].item<double>(), 179, 4);
}

TEST(Picture, PngOfEveryKind) {
  test::PngChoices sixteen;
  sixteen.colour = PNG_COLOR_TYPE_GRAY;
  sixteen.bits = 16;  // 0x10f0 is 16.87 of 255
  EXPECT_EQ(decoded(png_bytes(torch::tensor({{0x10, 0xf0}}).to(torch::kUInt8), 1, sixteen), gray())
                .item<int64_t>(),
            17);

  test::PngChoices bit;
  bit.colour = PNG_COLOR_TYPE_GRAY;
  bit.bits = 1;
  EXPECT_TRUE(torch::equal(
      decoded(png_bytes(torch::tensor({{0b10100000}}).to(torch::kUInt8), 3, bit), gray()).flatten(),
      torch::tensor({255, 0, 255}).to(torch::kUInt8)));

  test::PngChoices palette;
  palette.colour = PNG_COLOR_TYPE_PALETTE;
  palette.palette = {{10, 20, 30}, {200, 100, 0}};
  palette.palette_alpha = {255, 0};
  const torch::Tensor looked_up =
      decoded(png_bytes(torch::tensor({{0, 1}}).to(torch::kUInt8), 2, palette));
  EXPECT_TRUE(torch::equal(looked_up.view({2, 3}),
                           torch::tensor({{10, 20, 30}, {255, 255, 255}}).to(torch::kUInt8)));

  test::PngChoices alpha;
  alpha.colour = PNG_COLOR_TYPE_RGB_ALPHA;
  const torch::Tensor over = torch::tensor({{100, 0, 255, 51}}).to(torch::kUInt8);
  EXPECT_TRUE(torch::equal(decoded(png_bytes(over, 1, alpha)).flatten(),
                           torch::tensor({224, 204, 255}).to(torch::kUInt8)));

  test::PngChoices gray_alpha;
  gray_alpha.colour = PNG_COLOR_TYPE_GRAY_ALPHA;
  EXPECT_EQ(decoded(png_bytes(torch::tensor({{100, 51}}).to(torch::kUInt8), 1, gray_alpha), gray())
                .item<int64_t>(),
            224);
}

TEST(Picture, InterlacedIsTheSame) {
  const torch::Tensor picture = torch::randint(256, {19, 23, 3}, torch::kUInt8);
  test::PngChoices choices;
  choices.interlaced = true;
  const std::string bytes = png_bytes(picture.reshape({19, -1}), 23, choices);
  EXPECT_TRUE(torch::equal(decoded(bytes), picture));
  PictureOptions options;
  options.crop = {2, 3, 11, 13};
  EXPECT_TRUE(torch::equal(decoded(bytes, options), picture.narrow(0, 2, 11).narrow(1, 3, 13)));
}

TEST(Picture, CropIsThatPartOfTheWhole) {
  const torch::Tensor picture = slopes(61, 47, 3);
  PictureOptions options;
  for (const PictureBox& box : {PictureBox{0, 0, 61, 47}, {13, 9, 20, 31}, {60, 46, 1, 1}}) {
    options.crop = box;
    for (const std::string& bytes : {jpeg_bytes(picture), rgb_png(picture)}) {
      EXPECT_TRUE(torch::equal(
          decoded(bytes, options),
          decoded(bytes).narrow(0, box.top, box.height).narrow(1, box.left, box.width)));
    }
  }
  for (const PictureBox& box :
       {PictureBox{0, 0, 62, 1}, {-1, 0, 1, 1}, {0, 47, 1, 1}, {0, 0, 0, 1}}) {
    options.crop = box;
    EXPECT_THAT(decode_error(jpeg_bytes(picture), options),
                HasSubstr("is not within the picture of 47 x 61"));
    EXPECT_THAT(decode_error(rgb_png(picture), options), HasSubstr("is not within the picture"));
  }
}

TEST(Picture, DecodesSmallerWhereThatSuffices) {
  const std::string bytes = jpeg_bytes(slopes(240, 161, 3));
  PictureOptions options;
  for (const auto& [least, height, width] : std::vector<std::array<int64_t, 3>>{{0, 240, 161},
                                                                                {81, 240, 161},
                                                                                {80, 120, 81},
                                                                                {41, 120, 81},
                                                                                {40, 60, 41},
                                                                                {1, 30, 21}}) {
    options.least_side = least;
    const torch::Tensor small = decoded(bytes, options);
    EXPECT_EQ(small.sizes(), (std::vector<int64_t>{height, width, 3})) << least;
    EXPECT_LT(apart(small, resize_picture(decoded(bytes), height, width)).second, 3);
  }
  options.crop = {40, 30, 90, 100};
  options.least_side = 45;
  const torch::Tensor small = decoded(bytes, options);
  EXPECT_EQ(small.sizes(), (std::vector<int64_t>{45, 50, 3}));
  options.least_side = 0;
  EXPECT_LT(apart(small, resize_picture(decoded(bytes, options), 45, 50)).second, 3);
  options.least_side = 1;
  EXPECT_EQ(decoded(rgb_png(slopes(40, 40, 3))).size(0), 40);
}

TEST(Picture, EveryCutIsSeen) {
  for (const std::string& bytes : {jpeg_bytes(slopes(24, 24, 3)),
                                   jpeg_bytes(slopes(24, 24, 3), {90, true, false}),
                                   rgb_png(slopes(24, 24, 3))}) {
    for (size_t size = 0; size < bytes.size(); ++size) decode_error(bytes.substr(0, size));
  }
}

TEST(Picture, FlippedBytesOfAPngAreSeen) {
  const std::string bytes = rgb_png(slopes(24, 24, 3));
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    decode_error(damaged);
  }
}

TEST(Picture, HeaderOfHugeSizesAllocatesNothing) {
  std::string jpeg = jpeg_bytes(slopes(16, 16, 3));
  const size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  const auto announce = [&](int height, int width) {
    std::string changed = jpeg;
    for (int i = 0; i < 2; ++i) {
      changed[frame + 5 + static_cast<size_t>(i)] = static_cast<char>(height >> (8 - 8 * i));
      changed[frame + 7 + static_cast<size_t>(i)] = static_cast<char>(width >> (8 - 8 * i));
    }
    return changed;
  };
  EXPECT_THAT(decode_error(announce(65500, 65500)),
              HasSubstr("65500 x 65500 = 4,290,250,000 pixels, at most 100,000,000 are read"));
  EXPECT_THAT(decode_error(announce(9000, 9000)), HasSubstr("bytes cannot hold"));
  EXPECT_THAT(decode_error(announce(0, 9)), HasSubstr("damaged"));
  PictureOptions small;
  small.most_pixels = 200;
  EXPECT_THAT(decode_error(jpeg, small), HasSubstr("16 x 16 = 256 pixels, at most 200"));

  test::PngChoices choices;
  const torch::Tensor row = torch::zeros({1, 2700000}, torch::kUInt8);
  const std::string wide = png_bytes(row, 900000, choices);
  PictureOptions fewer;
  fewer.most_pixels = 800000;
  EXPECT_THAT(decode_error(wide, fewer), HasSubstr("900000 x 1 = 900,000 pixels, at most 800,000"));
}

TEST(Picture, NamesWhatItCannotRead) {
  EXPECT_THAT(decode_error(""), HasSubstr("is empty"));
  EXPECT_THAT(decode_error("GIF89a"), HasSubstr("is a GIF file; JPEG or PNG expected"));
  EXPECT_THAT(decode_error("hello"), HasSubstr("is neither a JPEG nor a PNG"));
  EXPECT_THAT(decode_error("\xff\xd8\xff"), HasSubstr("damaged or cut-off JPEG"));
  const test::TestFolder folder("mixwright-picture");
  EXPECT_THAT(error_text([&] { read_picture((folder / "absent.png").string()); }),
              HasSubstr("absent.png: cannot be opened: No such file"));
  EXPECT_THAT(error_text([&] { read_picture_info(folder.path().string()); }),
              HasSubstr("is no file but a folder"));
  EXPECT_THAT(error_text([&] { write_png((folder / "no/a.png").string(), slopes(2, 2, 3)); }),
              HasSubstr("cannot be written: No such file"));
  EXPECT_THAT(error_text([&] { write_png((folder / "a.png").string(), torch::ones({2, 2, 3})); }),
              HasSubstr("a picture of bytes [H, W, 1 or 3] expected, got Float [2, 2, 3]"));
}

TEST(Picture, ReadsAHeaderBehindALongPreview) {
  const std::string jpeg = jpeg_bytes(slopes(16, 24, 3));
  std::string app1 = std::string("\xff\xe1\xff\xff", 4) + std::string(0xffff - 2, 'x');
  const test::TestFolder folder("mixwright-picture");
  const std::string path =
      write_file(folder / "long.jpg", jpeg.substr(0, 2) + app1 + app1 + jpeg.substr(2));
  EXPECT_EQ(read_picture_info(path).width, 24);
  EXPECT_TRUE(torch::equal(read_picture(path), decoded(jpeg)));
}

TEST(Picture, ResizesAsTheFloatKernelDoes) {
  const torch::Tensor picture = torch::randint(256, {37, 53, 3}, torch::kUInt8);
  for (const auto& [height, width] :
       std::vector<std::pair<int64_t, int64_t>>{{16, 16}, {70, 20}, {37, 53}}) {
    const torch::Tensor exact =
        at::_upsample_bilinear2d_aa(
            picture.permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat32), {height, width}, false)
            .squeeze(0)
            .permute({1, 2, 0});
    const torch::Tensor resized = resize_picture(picture, height, width);
    EXPECT_TRUE(resized.is_contiguous());
    EXPECT_LE(apart(resized, exact).first, 1.1);
    EXPECT_TRUE(torch::equal(resize_picture(picture.narrow(2, 0, 1).contiguous(), height, width),
                             resized.narrow(2, 0, 1)));
  }
}

TEST(Picture, ResizesBicubicAsTheFloatKernelDoes) {
  // Mid tones: what overshoots 0 or 255 is cut between the byte kernel's two passes, and only at
  // the end here.
  torch::manual_seed(5);
  const torch::Tensor picture = torch::randint(80, 176, {37, 53, 3}, torch::kUInt8);
  for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{{16, 16}, {70, 20}}) {
    const torch::Tensor exact =
        at::_upsample_bicubic2d_aa(
            picture.permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat32), {height, width}, false)
            .squeeze(0)
            .permute({1, 2, 0});
    const torch::Tensor resized =
        resize_picture(picture, height, width, PictureInterpolation::kBicubic);
    EXPECT_TRUE(resized.is_contiguous());
    EXPECT_LE(apart(resized, exact).first, 1.1);
    EXPECT_FALSE(resized.equal(resize_picture(picture, height, width)));
  }
}

TEST(Picture, ShorterSideThenCentre) {
  const torch::Tensor picture = slopes(20, 50, 3);
  EXPECT_TRUE(torch::equal(resize_and_crop(picture, 20, 20), picture.narrow(1, 15, 20)));
  EXPECT_TRUE(torch::equal(resize_and_crop(picture.transpose(0, 1).contiguous(), 20, 10),
                           picture.transpose(0, 1).narrow(0, 20, 10).narrow(1, 5, 10)));
  EXPECT_EQ(resize_and_crop(picture, 33, 32).sizes(), (std::vector<int64_t>{32, 32, 3}));
  EXPECT_THAT(error_text([&] { resize_and_crop(picture, 16, 20); }),
              HasSubstr("a crop of 20 x 20 out of a picture whose shorter side is 16"));
  EXPECT_THAT(
      error_text([&] { resize_and_crop(torch::zeros({1, 400000, 1}, torch::kUInt8), 64, 64); }),
      HasSubstr("cannot become 25600000 x 64"));
}

}  // namespace
}  // namespace mixwright
