// A photo's orientation out of EXIF data, whole, cut off and mutilated.

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/picture.h>
#include <mixwright/random.h>

#include "tests/unit/data/picture_files.h"

namespace mixwright {
namespace {

constexpr int64_t kTall = 24;
constexpr int64_t kWide = 16;

enum class Order { kLittle, kBig };

std::string integer(uint64_t value, int size, Order order) {
  std::string bytes;
  for (int i = 0; i < size; ++i) {
    const int shift = 8 * (order == Order::kLittle ? i : size - 1 - i);
    bytes += static_cast<char>(value >> shift & 255U);
  }
  return bytes;
}

struct Entry {
  uint64_t tag = 0x0112;
  uint64_t type = 3;
  uint64_t count = 1;
  uint64_t value = 1;
};

/// A TIFF block with one directory.
std::string tiff(const std::vector<Entry>& entries, Order order = Order::kBig) {
  std::string bytes = order == Order::kLittle ? "II" : "MM";
  bytes += integer(42, 2, order) + integer(8, 4, order) + integer(entries.size(), 2, order);
  for (const Entry& entry : entries) {
    bytes += integer(entry.tag, 2, order) + integer(entry.type, 2, order) +
             integer(entry.count, 4, order);
    bytes += entry.type == 4 ? integer(entry.value, 4, order)
                             : integer(entry.value, 2, order) + std::string(2, '\0');
  }
  return bytes + integer(0, 4, order);
}

std::string app1(const std::string& content) {
  return "\xff\xe1" + integer(content.size() + 2, 2, Order::kBig) + content;
}

std::string exif(const std::string& block) {
  return app1(std::string("Exif\0\0", 6) + block);
}

/// A photo whose corners differ, with segments behind its first two bytes.
std::string photo(const std::string& segments) {
  std::string bytes = test::jpeg_bytes(test::slopes(kTall, kWide, 3));
  return bytes.insert(2, segments);
}

torch::Tensor decoded_upright(const std::string& bytes, bool upright = true) {
  PictureOptions options;
  options.upright = upright;
  return decode_picture(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "photo", options);
}

bool is_turned(const std::string& bytes) {
  return !torch::equal(decoded_upright(bytes), decoded_upright(bytes, false));
}

std::string oriented(uint64_t value) {
  return photo(exif(tiff({{0x0112, 3, 1, value}})));
}

TEST(PictureOrientation, EveryCaseStandsAsTheStandardSays) {
  const torch::Tensor stored = decoded_upright(photo(""), false);
  constexpr int64_t kBottom = kTall - 1;
  constexpr int64_t kRight = kWide - 1;
  // Where the pixel that is shown at (row, column) is stored. Exif 2.32: "the 0th row is at the
  // visual …, the 0th column at the visual …".
  using Place = std::pair<int64_t, int64_t>;
  const std::vector<std::function<Place(int64_t, int64_t)>> places = {
      [](int64_t r, int64_t c) { return Place(r, c); },                     // top, left
      [](int64_t r, int64_t c) { return Place(r, kRight - c); },            // top, right
      [](int64_t r, int64_t c) { return Place(kBottom - r, kRight - c); },  // bottom, right
      [](int64_t r, int64_t c) { return Place(kBottom - r, c); },           // bottom, left
      [](int64_t r, int64_t c) { return Place(c, r); },                     // left, top
      [](int64_t r, int64_t c) { return Place(kBottom - c, r); },           // right, top
      [](int64_t r, int64_t c) { return Place(kBottom - c, kRight - r); },  // right, bottom
      [](int64_t r, int64_t c) { return Place(c, kRight - r); }};           // left, bottom
  for (size_t i = 0; i < places.size(); ++i) {
    for (const Order order : {Order::kBig, Order::kLittle}) {
      const torch::Tensor shown =
          decoded_upright(photo(exif(tiff({{0x0112, 3, 1, i + 1}}, order))));
      const bool lies = i >= 4;
      ASSERT_EQ(shown.sizes(),
                (std::vector<int64_t>{lies ? kWide : kTall, lies ? kTall : kWide, 3}));
      EXPECT_TRUE(shown.is_contiguous());
      for (int64_t r = 0; r < shown.size(0); ++r) {
        for (int64_t c = 0; c < shown.size(1); ++c) {
          const auto [row, column] = places[i](r, c);
          ASSERT_TRUE(torch::equal(shown[r][c], stored[row][column]))
              << "orientation " << i + 1 << " at " << r << ", " << c;
        }
      }
    }
  }
}

TEST(PictureOrientation, IsLeftAloneUnlessAskedFor) {
  EXPECT_TRUE(torch::equal(decoded_upright(oriented(6), false), decoded_upright(photo(""), false)));
}

TEST(PictureOrientation, IsFoundBehindOtherSegmentsAndEntries) {
  EXPECT_TRUE(is_turned(photo(app1("http://ns.adobe.com/xap/1.0/") + "\xff\xff" +
                              exif(tiff({{0x010f, 2, 4, 0}, {0x0112, 3, 1, 3}})))));
  EXPECT_TRUE(is_turned(photo(exif(tiff({{0x0112, 4, 1, 3}}))))) << "as a long";
}

TEST(PictureOrientation, ACropIsTurnedAfterItIsCut) {
  PictureOptions options;
  options.crop = {2, 3, 9, 5};
  options.upright = true;
  const std::string bytes = oriented(6);
  const torch::Tensor shown = decode_picture(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, "photo", options);
  EXPECT_TRUE(torch::equal(
      shown,
      decoded_upright(bytes, false).narrow(0, 2, 9).narrow(1, 3, 5).transpose(0, 1).flip(1)));
}

TEST(PictureOrientation, NonsenseIsNone) {
  const std::vector<std::string> blocks = {
      tiff({}),
      tiff({{0x0112, 3, 1, 0}}),
      tiff({{0x0112, 3, 1, 9}}),
      tiff({{0x0112, 3, 1, 65535}}),
      tiff({{0x0112, 3, 2, 3}}),
      tiff({{0x0112, 2, 1, 3}}),
      tiff({{0x0112, 4, 1, 0x80000003}}),
      "",
      "MM",
      "XX" + tiff({{0x0112, 3, 1, 3}}).substr(2),
      std::string("MM\0*\xff\xff\xff\xff", 8),                       // a directory far away
      std::string("MM\0*\0\0\0\x08\xff\xff", 10),                    // entries that are not there
      "MM" + integer(43, 2, Order::kBig) + std::string(20, '\x01'),  // no TIFF
  };
  for (size_t i = 0; i < blocks.size(); ++i) {
    EXPECT_FALSE(is_turned(photo(exif(blocks[i])))) << "block " << i;
  }
}

TEST(PictureOrientation, CutOffDataAreNone) {
  const std::string block = tiff({{0x010f, 2, 4, 0}, {0x0112, 3, 1, 6}});
  const size_t value_ends = 8 + 2 + 12 + 10;
  for (size_t size = 0; size < block.size(); ++size) {
    EXPECT_EQ(is_turned(photo(exif(block.substr(0, size)))), size >= value_ends) << size;
  }
}

TEST(PictureOrientation, NoMutationIsAnError) {
  const std::string block = tiff({{0x010f, 2, 4, 0}, {0x0112, 3, 1, 6}}, Order::kLittle);
  for (uint64_t i = 0; i < 600; ++i) {
    SampleRandom random(7, 0, i);
    std::string changed = block;
    for (int64_t flips = random.integer(1, 4); flips > 0; --flips) {
      const auto place = random.integer(0, static_cast<int64_t>(block.size()) - 1);
      changed[static_cast<size_t>(place)] = static_cast<char>(random.integer(0, 255));
    }
    const torch::Tensor shown = decoded_upright(photo(exif(changed)));
    EXPECT_EQ(shown.numel(), kTall * kWide * 3);
  }
}

}  // namespace
}  // namespace mixwright
