// Damaged picture files: whatever is changed in them, a picture comes of it or an Error, and memory
// stays small. Runs under the sanitizers too.

#include <fstream>

#include <gtest/gtest.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>
#include <mixwright/random.h>

#include "tests/unit/data/picture_files.h"

namespace mixwright {
namespace {

constexpr int kPlaces = 300;

int64_t peak_memory_kilobytes() {
  std::ifstream in("/proc/self/status");
  std::string word;
  int64_t value = 0;
  while (in >> word) {
    if (word == "VmHWM:") in >> value;
  }
  return value;
}

std::string mutated(std::string bytes, SampleRandom& random) {
  const auto place = [&] {
    return static_cast<size_t>(random.integer(0, static_cast<int64_t>(bytes.size()) - 1));
  };
  switch (random.integer(0, 3)) {
    case 0:
      bytes[place()] = static_cast<char>(random.integer(0, 255));
      break;
    case 1:
      for (int i = 0; i < 8; ++i) bytes[place()] = static_cast<char>(random.integer(0, 255));
      break;
    case 2:
      bytes.resize(place());
      break;
    default:
      bytes.insert(place(), bytes.substr(place(), 40));
      break;
  }
  return bytes;
}

TEST(PictureFuzz, AnErrorOrAPicture) {
  test::PngChoices interlaced;
  interlaced.interlaced = true;
  test::PngChoices palette;
  palette.colour = PNG_COLOR_TYPE_PALETTE;
  palette.palette = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  palette.palette_alpha = {0, 100};
  const torch::Tensor colours = test::slopes(33, 41, 3);
  const std::vector<std::string> seeds = {
      test::jpeg_bytes(colours),
      test::jpeg_bytes(colours, {60, true, false}),
      test::jpeg_bytes(test::slopes(33, 41, 1)),
      test::jpeg_bytes(test::slopes(33, 41, 4), {90, false, true}),
      test::png_bytes(colours.view({33, -1}), 41, {}),
      test::png_bytes(colours.view({33, -1}), 41, interlaced),
      test::png_bytes(torch::zeros({33, 41}, torch::kUInt8), 41, palette)};
  const int64_t before = peak_memory_kilobytes();
  int pictures = 0;
  int errors = 0;
  for (size_t s = 0; s < seeds.size(); ++s) {
    for (int place = 0; place < kPlaces; ++place) {
      SampleRandom random(7, s, static_cast<uint64_t>(place));
      const std::string bytes = mutated(seeds[s], random);
      PictureOptions options;
      options.channels = random.chance(0.5) ? 1 : 3;
      options.least_side = random.integer(0, 20);
      options.most_pixels = 1'000'000;
      if (random.chance(0.3)) options.crop = {5, 3, 20, 17};
      try {
        const torch::Tensor picture = decode_picture(
            {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "fuzz", options);
        EXPECT_LE(picture.numel(), 3 * options.most_pixels);
        EXPECT_GE(picture.to(torch::kInt64).sum().item<int64_t>(), 0);  // reads every byte
        ++pictures;
      } catch (const Error&) {
        ++errors;
      }
    }
  }
  EXPECT_GT(pictures, 0);
  EXPECT_GT(errors, pictures);
  EXPECT_LT(peak_memory_kilobytes() - before, 100 * 1024);
}

}  // namespace
}  // namespace mixwright
