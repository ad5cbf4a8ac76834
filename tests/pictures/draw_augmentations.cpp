// Two sheets of every augmentation, applied to pictures of Fashion-MNIST and CIFAR-10 the way that
// training applies them.

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "framework/data/sample_source.h"
#include "plugins/augmentation/cutmix.h"
#include "plugins/augmentation/mixup.h"
#include "plugins/augmentation/picture_operations.h"
#include "plugins/augmentation/rand_augment.h"
#include "plugins/augmentation/random_crop.h"
#include "plugins/augmentation/random_erasing.h"
#include "plugins/augmentation/random_flip.h"
#include "plugins/augmentation/trivial_augment.h"
#include "plugins/idx/idx_dataset.h"
#include "tests/pictures/contact_sheet.h"

namespace mixwright::test {
namespace {

using Transforms = std::vector<std::shared_ptr<const Transform>>;

/// A few pictures of one size.
class Pictures final : public Dataset {
 public:
  Pictures(torch::Tensor pictures, double mean, double std) : pictures_(std::move(pictures)) {
    info_.input.grid = {pictures_.size(1), pictures_.size(2)};
    info_.input.channels = pictures_.size(3);
    info_.mean = {mean};
    info_.std = {std};
  }
  const DatasetInfo& info() const override { return info_; }
  int64_t size(Split) const override { return pictures_.size(0); }
  Batch read(Split, std::span<const int64_t> indices) const override {
    Batch batch;
    batch.indices = torch::tensor(std::vector<int64_t>(indices.begin(), indices.end()));
    batch.inputs = pictures_.index_select(0, batch.indices);
    batch.targets = batch.indices;
    return batch;
  }

 private:
  torch::Tensor pictures_;  // [N, H, W, C] bytes
  DatasetInfo info_;
};

/// All pictures as training sees them, as bytes again.
torch::Tensor augmented(const std::shared_ptr<const Pictures>& pictures,
                        const Transforms& transforms,
                        uint64_t seed) {
  data::SampleSource source{
      pictures, "pictures", Split::kTrain, {}, transforms, /*training=*/true, /*task=*/nullptr};
  std::vector<int64_t> places;
  for (int64_t i = 0; i < source.size(); ++i) places.push_back(i);
  const torch::Tensor inputs = source.read(places, {seed, 0, 0, 0, 1}).inputs;
  const DatasetInfo& info = pictures->info();
  return inputs.mul(info.std[0]).add(info.mean[0]).mul(255).round().clamp(0, 255).to(torch::kUInt8);
}

struct Row {
  std::string words;
  Transforms transforms;
  uint64_t seed = 1;  // of those tried, one whose draws show something
};

std::vector<Row> rows() {
  const auto flip = std::make_shared<RandomFlip>(RandomFlipOptions{1.0});
  const auto half_flip = std::make_shared<RandomFlip>(RandomFlipOptions{});
  const auto crop = std::make_shared<RandomCrop>(RandomCropOptions{});
  const auto rand = std::make_shared<RandAugment>(RandAugmentOptions{});
  const auto mixup = std::make_shared<Mixup>(MixupOptions{});
  const auto cutmix = std::make_shared<Cutmix>(CutmixOptions{});
  RandomErasingOptions erasing;
  const auto some_erasing = std::make_shared<RandomErasing>(erasing);
  erasing.probability = 1;
  const auto constant = std::make_shared<RandomErasing>(erasing);
  erasing.fill = ErasingFill::kNoise;
  return {{"as they are", {}},
          {"random_flip", {flip}},
          {"random_crop", {crop}},
          {"rand_augment", {rand}},
          {"trivial_augment", {std::make_shared<TrivialAugment>(TrivialAugmentOptions{})}, 3},
          {"mixup", {mixup}, 5},
          {"cutmix", {cutmix}},
          {"random_erasing", {constant}},
          {"random_erasing, noise", {std::make_shared<RandomErasing>(erasing)}},
          {"a recipe of them", {half_flip, crop, rand, cutmix, some_erasing}}};
}

void draw_augmentations(const std::shared_ptr<const Pictures>& grey,
                        const std::shared_ptr<const Pictures>& color,
                        const std::filesystem::path& file) {
  const std::vector<Row> all = rows();
  const int64_t greys = grey->size(Split::kTrain);
  const int64_t columns = greys + color->size(Split::kTrain);
  ContactSheet sheet({static_cast<int64_t>(all.size()), columns, 32, 3, 190});
  for (size_t i = 0; i < all.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    const torch::Tensor left = augmented(grey, all[i].transforms, all[i].seed);
    const torch::Tensor right = augmented(color, all[i].transforms, all[i].seed);
    sheet.name_row(row, all[i].words);
    for (int64_t column = 0; column < columns; ++column) {
      sheet.put(row, column, column < greys ? left[column] : right[column - greys]);
    }
  }
  sheet.draw(file);
}

/// Each operation at magnitudes of rand_augment: to both sides where it has signs.
void draw_operations(const torch::Tensor& grey,
                     const torch::Tensor& color,
                     const std::filesystem::path& file) {
  constexpr int64_t kBins = 31;
  const std::vector<int64_t> levels = {-30, -18, -9, 9, 18, 30};
  const auto operations = picture::operations().subspan(1);  // without identity
  ContactSheet sheet({static_cast<int64_t>(operations.size()), 9, 32, 2, 110});
  sheet.name_column(0, "picture");
  for (size_t i = 0; i < operations.size(); ++i) {
    const picture::Operation& operation = operations[i];
    const auto row = static_cast<int64_t>(i);
    const auto put = [&](int64_t column, const torch::Tensor& picture, int64_t level) {
      const double magnitude =
          operation.rand_augment.at(std::abs(level), kBins, picture.size(0), picture.size(1));
      sheet.put(row, column, operation.apply(picture, level < 0 ? -magnitude : magnitude, {}));
    };
    const bool constant = operation.rand_augment.unit == picture::Magnitudes::Unit::kNone;
    sheet.name_row(row, operation.name);
    sheet.put(row, 0, color);
    for (size_t j = 0; j < levels.size(); ++j) {
      const auto column = static_cast<int64_t>(j) + 1;
      if (i == 0) sheet.name_column(column, fmt::format("{:+}", levels[j]));
      if (levels[j] < 0 && !operation.is_signed) continue;
      if (constant && levels[j] != 9) continue;
      put(column, color, levels[j]);
    }
    put(7, grey, 9);
    if (!constant) put(8, grey, 30);
  }
  sheet.name_column(7, "+9");
  sheet.name_column(8, "+30");
  sheet.draw(file);
}

torch::Tensor color_pictures(const std::filesystem::path& folder) {
  std::vector<torch::Tensor> pictures;
  for (const char* name : {"bird/0003", "automobile/0004", "frog/0004", "truck/0002"}) {
    pictures.push_back(read_picture((folder / "test" / name).string() + ".jpg"));
  }
  return torch::stack(pictures);
}

torch::Tensor grey_pictures(const std::string& folder) {
  IdxOptions options;
  options.folder = folder;
  const std::vector<int64_t> indices = {0, 1};
  return IdxDataset(options).read(Split::kTest, indices).inputs;
}

void draw(const std::string& grey_folder,
          const std::filesystem::path& color_folder,
          const std::filesystem::path& out) {
  const torch::Tensor grey = grey_pictures(grey_folder);
  const torch::Tensor color = color_pictures(color_folder);
  draw_augmentations(std::make_shared<Pictures>(grey, 0.286, 0.353),
                     std::make_shared<Pictures>(color, 0.473, 0.251),
                     out / "augmentations.png");
  draw_operations(grey[0], color[0], out / "operations.png");
}

}  // namespace
}  // namespace mixwright::test

int main(int count, char** words) {
  try {
    if (count != 4) throw mixwright::UsageError("draw_augmentations FASHION_MNIST CIFAR_10 OUT");
    mixwright::test::draw(words[1], words[2], words[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "draw_augmentations: %s\n", error.what());
    return 1;
  }
  return 0;
}
