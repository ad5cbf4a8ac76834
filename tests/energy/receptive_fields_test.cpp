// What hidden units see of pictures, as a part reports it.

#include "plugins/energy/receptive_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/energy/workshop.h"

namespace mixwright::energy {
namespace {

class Listener final : public Report {
 public:
  explicit Listener(bool wants) : wants_(wants) {}
  void number(const std::string&, double) override {}
  bool wants_pictures() const override { return wants_; }
  void picture(const std::string& name, const torch::Tensor& picture) override {
    pictures[name] = picture;
  }
  std::map<std::string, torch::Tensor> pictures;

 private:
  bool wants_;
};

std::vector<float> pixel(const torch::Tensor& sheet, int64_t row, int64_t column) {
  const torch::Tensor values = sheet[row][column].contiguous();
  return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + 3};
}

// Two units that see 2 x 1 pixels; the second has the longer weights and comes first. A pixel is
// drawn 28 x 28, fields 2 apart.
TEST(ReceptiveFields, AreDrawnByTheirSign) {
  const torch::Tensor weights = torch::tensor({{0.0F, 0.5F}, {2.0F, -0.9F}});
  const torch::Tensor sheet = receptive_fields(weights, shape({2, 1, 1}));
  ASSERT_EQ(sheet.sizes(), torch::IntArrayRef({2 + 56 + 2, 2 + 2 * (28 + 2), 3}));
  using testing::ElementsAre;
  using testing::FloatNear;
  const auto about = [](double value) { return FloatNear(static_cast<float>(value), 1e-5F); };
  // The whole of vermilion; 0.45 of blue as the nearest of sevenths, from white; white; vermilion.
  EXPECT_THAT(pixel(sheet, 2, 2), ElementsAre(about(213 / 255.0), about(94 / 255.0), about(0)));
  EXPECT_THAT(
      pixel(sheet, 57, 29),
      ElementsAre(about(4 / 7.0), about(1 - 3 / 7.0 * 141 / 255), about(1 - 3 / 7.0 * 77 / 255)));
  EXPECT_THAT(pixel(sheet, 2, 32), ElementsAre(about(1), about(1), about(1)));
  EXPECT_THAT(pixel(sheet, 57, 59), ElementsAre(about(213 / 255.0), about(94 / 255.0), about(0)));
  EXPECT_THAT(pixel(sheet, 2, 30), ElementsAre(about(0.6), about(0.6), about(0.6)));
}

TEST(ReceptiveFields, AreReportedWhereALayerIsOfPictures) {
  torch::manual_seed(51);
  const auto reported = [](const std::vector<Shape>& layers, bool wants) {
    Listener listener(wants);
    make_synapse("type = \"dense\"", layers)->report(listener);
    return listener.pictures;
  };
  const auto hidden_first = reported({shape({120}), shape({8, 6, 1})}, true);
  ASSERT_EQ(hidden_first.count("receptive_fields"), 1U);
  // A hundred of the 120 units, ten a row, each pixel 7 x 7.
  EXPECT_EQ(hidden_first.at("receptive_fields").sizes(),
            torch::IntArrayRef({2 + 10 * 58, 2 + 10 * 44, 3}));
  const auto picture_first = reported({shape({8, 6, 3}), shape({12})}, true);
  EXPECT_EQ(picture_first.at("receptive_fields").size(0), 2 + 2 * 58);
  EXPECT_TRUE(reported({shape({120}), shape({48})}, true).empty());
  EXPECT_TRUE(reported({shape({120}), shape({8, 6, 1})}, false).empty());
}

}  // namespace
}  // namespace mixwright::energy
