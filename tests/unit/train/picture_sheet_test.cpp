#include "framework/train/picture_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "tests/unit/data/idx_writer.h"

namespace mixwright::train {
namespace {

TEST(PictureSheetTest, LongTextsAreShortened) {
  EXPECT_EQ(shortened("short", 5), "short");
  EXPECT_EQ(shortened("longer", 5), "long…");
  EXPECT_EQ(shortened("longer", 5, /*keep_end=*/true), "…nger");
  EXPECT_EQ(shortened("Käsekuchen", 4), "Käs…");
  EXPECT_EQ(shortened("äöü", 3), "äöü");
  EXPECT_EQ(shortened("", 3), "");
}

TEST(PictureSheetTest, PicturesFitTheirPlaces) {
  for (const int64_t count : {1, 10, 40, 100}) {
    const PictureSheet sheet(count);
    for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{
             {28, 28}, {1, 1}, {3000, 20}, {20, 3000}, {281, 280}}) {
      const torch::Tensor scaled = sheet.scaled(torch::full({height, width, 3}, 7, torch::kUInt8));
      EXPECT_LE(scaled.size(0), sheet.side());
      EXPECT_LE(scaled.size(1), sheet.side());
      EXPECT_GT(2 * std::max(scaled.size(0), scaled.size(1)), sheet.side());
      EXPECT_TRUE(scaled.eq(7).all().item<bool>());
    }
  }
}

TEST(PictureSheetTest, IsDrawnForOneAndForManyPictures) {
  const mixwright::test::TestFolder folder("mixwright-sheet");
  for (const int64_t count : {1, 2, 5, 100}) {
    PictureSheet sheet(count);
    const torch::Tensor red = torch::tensor({200, 30, 60}).to(torch::kUInt8).expand({28, 28, 3});
    for (int64_t i = 0; i < count; ++i) {
      sheet.add({sheet.scaled(red.contiguous()),
                 "a rather long name of a picture \"" + std::to_string(i) + "\".png",
                 {"a class with a name that is too long", 0.5}});
    }
    const std::string file = (folder / (std::to_string(count) + ".png")).string();
    sheet.draw(file, "heading");
    const torch::Tensor drawn = read_picture(file);
    EXPECT_GE(drawn.size(1), std::min<int64_t>(count, 3) * sheet.side());
    EXPECT_LE(drawn.size(1), 1800) << "to be looked at on one screen";
    // The pictures are there, each once, but for what their edges lose.
    const torch::Tensor reddish = drawn.select(2, 0).gt(150).logical_and(drawn.select(2, 1).lt(80));
    const int64_t enlarged = 28 * (sheet.side() / 28);
    const auto expected = static_cast<double>(count * enlarged * enlarged);
    EXPECT_NEAR(reddish.sum().item<double>() / expected, 1, 0.05) << count;
  }
}

TEST(PictureSheetTest, AFolderThatCannotBeWrittenIsNamed) {
  PictureSheet sheet(1);
  sheet.add({torch::zeros({9, 9, 3}, torch::kUInt8), "a", {"b", 1}});
  EXPECT_THAT([&] { sheet.draw("/proc/absent/sheet.png", ""); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("/proc/absent")));
}

}  // namespace
}  // namespace mixwright::train
