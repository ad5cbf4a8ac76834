#include "plugins/image_folder/image_folder.h"

#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mixwright/error.h>
#include <mixwright/picture.h>

#include "tests/support/error_text.h"
#include "tests/unit/data/idx_writer.h"
#include "tests/unit/data/picture_files.h"

namespace mixwright {
namespace {

namespace fs = std::filesystem;
using test::error_text;
using test::write_file;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

class ImageFolderTest : public testing::Test {
 protected:
  /// A picture whose every value is `value`.
  std::string plain(const std::string& name, int value, int64_t height = 8, int64_t width = 8) {
    return png(name, torch::full({height, width, 3}, value, torch::kUInt8));
  }
  std::string png(const std::string& name, const torch::Tensor& picture) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    write_png(path.string(), picture);
    return path.string();
  }

  /// Two classes of 8 x 8; the pictures of a class are 10, 11 … and 20, 21 …
  ImageFolderOptions two_classes() {
    plain("train/dog/b.png", 20);
    plain("train/cat/b.PNG", 11);
    plain("train/cat/a.png", 10);
    plain("test/cat/a.png", 12);
    plain("test/dog/a.png", 22);
    ImageFolderOptions options;
    options.folder = folder_.path().string();
    return options;
  }

  /// Twelve JPEG pictures of several sizes, to be cropped.
  ImageFolderOptions photos() {
    for (int i = 0; i < 12; ++i) {
      const torch::Tensor picture = test::slopes(60 + 9 * i, 90 - 3 * i, 3);
      write_file(folder_ / ("train/a/" + std::to_string(100 + i) + ".jpg"),
                 test::jpeg_bytes(picture));
    }
    plain("test/a/a.png", 1, 40, 40);
    ImageFolderOptions options;
    options.folder = folder_.path().string();
    options.size = 24;
    return options;
  }

  ImageFolderOptions lists(const std::string& train, const std::string& test) {
    for (int i = 0; i < 4; ++i) plain("p/" + std::to_string(i) + ".png", i);
    plain("p/a,b \"c\".png", 9);
    write_file(folder_ / "train.csv", train);
    write_file(folder_ / "test.csv", test);
    ImageFolderOptions options;
    options.folder = folder_.path().string();
    options.train = "train.csv";
    options.test = "test.csv";
    return options;
  }

  static std::string error_of(const ImageFolderOptions& options) {
    const std::string text = error_text([&] { ImageFolder dataset(options); });
    EXPECT_EQ(text.find('\n'), std::string::npos);
    return text;
  }
  std::string list_error(const std::string& train, const std::string& test = "p/0.png,a\n") {
    const std::string text = error_of(lists(train, test));
    EXPECT_THAT(text, HasSubstr(".csv"));
    return text;
  }

  static Batch all(const ImageFolder& dataset, Split split) {
    std::vector<int64_t> indices(static_cast<size_t>(dataset.size(split)));
    std::iota(indices.begin(), indices.end(), 0);
    return dataset.read(split, indices);
  }
  static torch::Tensor crops(const ImageFolder& dataset, uint64_t epoch) {
    std::vector<int64_t> indices(static_cast<size_t>(dataset.size(Split::kTrain)));
    std::iota(indices.begin(), indices.end(), 0);
    std::vector<SampleRandom> random;
    for (const int64_t index : indices) random.emplace_back(1, epoch, static_cast<uint64_t>(index));
    return dataset.read_for_training(indices, random).inputs;
  }

  test::TestFolder folder_{"mixwright-pictures"};
};

TEST_F(ImageFolderTest, ReadsClassFoldersInTheOrderOfTheirNames) {
  ImageFolderOptions options = two_classes();
  plain("train/dog/below/a.png", 21);
  write_file(folder_ / "train/dog/notes.txt", "no picture");
  write_file(folder_ / "train/.cache/x.png", "no class");
  write_file(folder_ / "train/cat/._a.png", "no picture");
  const ImageFolder dataset(options);
  EXPECT_THAT(dataset.info().class_names, ElementsAre("cat", "dog"));
  EXPECT_EQ(dataset.info().classes, 2);
  EXPECT_EQ(dataset.info().input.text(), "[8, 8, 3]");
  EXPECT_EQ(dataset.info().mean, (std::vector<double>{0.485, 0.456, 0.406}));
  const Batch train = all(dataset, Split::kTrain);
  EXPECT_TRUE(torch::equal(train.inputs.select(3, 0).select(2, 0).select(1, 0),
                           torch::tensor({10, 11, 20, 21}).to(torch::kUInt8)));
  EXPECT_TRUE(torch::equal(train.targets, torch::tensor({0, 0, 1, 1})));
  EXPECT_TRUE(torch::equal(all(dataset, Split::kTest).targets, torch::tensor({0, 1})));
  options.class_names = {"dog", "cat"};
  EXPECT_TRUE(torch::equal(all(ImageFolder(options), Split::kTest).targets, torch::tensor({0, 1})));
  EXPECT_EQ(all(ImageFolder(options), Split::kTest).inputs[0][0][0][0].item<int64_t>(), 22);
}

TEST_F(ImageFolderTest, ResizesAndTakesTheCentre) {
  ImageFolderOptions options = photos();
  options.resize = 30;
  options.channels = 1;
  const ImageFolder dataset(options);
  EXPECT_EQ(dataset.info().input.text(), "[24, 24, 1]");
  EXPECT_EQ(dataset.info().std, std::vector<double>{0.5});
  PictureOptions gray;
  gray.channels = 1;
  const torch::Tensor picture = read_picture((folder_ / "train/a/103.jpg").string(), gray);
  EXPECT_TRUE(
      torch::equal(all(dataset, Split::kTrain).inputs[3], resize_and_crop(picture, 30, 24)));
  options.interpolation = PictureInterpolation::kBicubic;
  const torch::Tensor cubic = all(ImageFolder(options), Split::kTrain).inputs[3];
  EXPECT_TRUE(torch::equal(cubic, resize_and_crop(picture, 30, 24, options.interpolation)));
  EXPECT_FALSE(torch::equal(cubic, resize_and_crop(picture, 30, 24)));
}

TEST_F(ImageFolderTest, TakesValWhereThereIsNoTest) {
  const ImageFolderOptions options = two_classes();
  fs::rename(folder_ / "test", folder_ / "val");
  EXPECT_EQ(ImageFolder(options).size(Split::kTest), 2);
  fs::create_directory(folder_ / "test");
  EXPECT_THAT(error_of(options), HasSubstr("holds test and val"));
  fs::remove(folder_ / "test");
  fs::remove_all(folder_ / "val");
  EXPECT_THAT(error_of(options), HasSubstr("/test: no such folder or list"));
}

TEST_F(ImageFolderTest, RefusesFoldersThatAreNotWhatTheySeem) {
  const ImageFolderOptions options = two_classes();
  fs::create_directory(folder_ / "train/empty");
  EXPECT_THAT(error_of(options), HasSubstr("train/empty: no picture in this class folder"));
  fs::remove(folder_ / "train/empty");

  plain("test/zebra/a.png", 1);
  EXPECT_THAT(error_of(options), HasSubstr("test/zebra: \"zebra\" is none of the 2 classes"));
  fs::remove_all(folder_ / "test/zebra");
  fs::rename(folder_ / "test/dog", folder_ / "dog");
  EXPECT_THAT(error_of(options), HasSubstr("/test: no folder for class \"dog\""));
  fs::rename(folder_ / "dog", folder_ / "test/dog");

  plain("train/lost.png", 1);
  EXPECT_THAT(error_of(options), HasSubstr("train/lost.png: a picture outside of the class"));
  fs::remove(folder_ / "train/lost.png");
  write_file(folder_ / "train/dog/x.GIF", "GIF89a");
  EXPECT_THAT(error_of(options), HasSubstr("x.GIF: pictures of this format are not read"));
  fs::remove(folder_ / "train/dog/x.GIF");

  const std::string odd = plain("train/dog/odd.png", 1, 8, 9);
  EXPECT_THAT(error_of(options), HasSubstr(odd + ": 9 x 8 pixels"));
  EXPECT_THAT(error_of(options), HasSubstr("has 8 x 8; set data.size"));
  fs::remove(odd);
  EXPECT_EQ(error_of(options), "");
}

TEST_F(ImageFolderTest, NamesThePictureThatCannotBeRead) {
  ImageFolderOptions options = two_classes();
  options.size = 8;  // headers are not looked at
  const std::string whole = test::jpeg_bytes(test::slopes(20, 20, 3));
  const std::string path = write_file(folder_ / "train/dog/b.png", whole.substr(0, 500));
  const ImageFolder dataset(options);
  EXPECT_THAT(error_text([&] { all(dataset, Split::kTrain); }),
              testing::StartsWith(path + ": is a damaged or cut-off JPEG file"));
  write_file(path, whole);
  EXPECT_EQ(all(dataset, Split::kTrain).inputs.size(0), 3);
  const std::vector<int64_t> outside = {3};
  EXPECT_THAT(error_text([&] { dataset.read(Split::kTrain, outside); }), HasSubstr("sample 3"));
}

TEST_F(ImageFolderTest, RefusesOptionsThatDoNotFit) {
  ImageFolderOptions options = two_classes();
  options.folder.clear();
  EXPECT_THAT(error_of(options), HasSubstr("folder is not given"));
  options = two_classes();
  options.channels = 2;
  EXPECT_THAT(error_of(options), HasSubstr("channels = 2"));
  options = two_classes();
  options.size = 8;
  options.resize = 7;
  EXPECT_THAT(error_of(options), HasSubstr("resize = 7 is less than size = 8"));
  options = two_classes();
  options.resize = 7;
  EXPECT_THAT(error_of(options), HasSubstr("resize needs size"));
  options = two_classes();
  options.std = {1, 1};
  EXPECT_THAT(error_of(options), HasSubstr("std has 2 values for channels = 3"));
  options = two_classes();
  options.random_resized_crop = RandomResizedCropOptions{{0.5, 0.2}, {1, 1}};
  EXPECT_THAT(error_of(options), HasSubstr("random_resized_crop.scale"));
}

TEST_F(ImageFolderTest, ReadsLists) {
  const ImageFolderOptions options = lists(
      "\xef\xbb\xbflabel,who,path\r\ndog,me,p/0.png\r\n\r\n\"cat\",\"x,y\",\"p/a,b "
      "\"\"c\"\".png\"\r\n",
      "p/3.png,cat\np/1.png,dog");
  const ImageFolder dataset(options);
  EXPECT_THAT(dataset.info().class_names, ElementsAre("cat", "dog"));
  const Batch train = all(dataset, Split::kTrain);
  EXPECT_TRUE(torch::equal(train.targets, torch::tensor({1, 0})));
  EXPECT_EQ(train.inputs[1][0][0][0].item<int64_t>(), 9);
  EXPECT_TRUE(torch::equal(all(dataset, Split::kTest).targets, torch::tensor({0, 1})));
}

TEST_F(ImageFolderTest, LabelsMayBeNumbers) {
  ImageFolderOptions options = lists("path,label\np/0.png,1\np/1.png,0\n", "p/2.png,1\n");
  const ImageFolder dataset(options);
  EXPECT_EQ(dataset.info().classes, 2);
  EXPECT_TRUE(dataset.info().class_names.empty());
  EXPECT_TRUE(torch::equal(all(dataset, Split::kTrain).targets, torch::tensor({1, 0})));
  options.class_names = {"no", "yes", "both"};
  EXPECT_EQ(ImageFolder(options).info().classes, 3);
}

TEST_F(ImageFolderTest, NamesTheLineOfAListThatIsWrong) {
  EXPECT_THAT(list_error("path,label\np/0.png,a\np/1.png\n"),
              HasSubstr("train.csv:3: 1 fields, 2 expected"));
  EXPECT_THAT(list_error("p/0.png,a\n\"p/1.png,a\n"), HasSubstr(":2: a quote is not closed"));
  EXPECT_THAT(list_error("\"p/0.png\"x,a\n"), HasSubstr(":1: text behind a closing quote"));
  EXPECT_THAT(list_error("p/0.png,\n"), HasSubstr(":1: the label is empty"));
  EXPECT_THAT(list_error(",a\n"), HasSubstr(":1: the path is empty"));
  EXPECT_THAT(list_error("p/0.png,a\np/absent.png,a\n"), HasSubstr("p/absent.png: no such file"));
  EXPECT_THAT(list_error("image,class\np/0.png,a\n", "image,a\n"), HasSubstr(":1: "));
  EXPECT_THAT(list_error("path,label\n"), HasSubstr("no pictures in this list"));
  EXPECT_THAT(list_error(""), HasSubstr("no pictures in this list"));
  EXPECT_THAT(list_error("p/0.png,cat\n", "p/1.png,cats\n"),
              HasSubstr("test.csv:1: label \"cats\" is none of the 1 classes; did you mean"));
  EXPECT_THAT(list_error("p/0.png,0\np/1.png,1\n", "p/1.png,2\n"),
              HasSubstr("test.csv:1: label 2; 0 to 1 expected for 2 classes"));
  EXPECT_THAT(list_error("p/0.png,0\np/1.png,3\n"),
              HasSubstr(":2: label 3, and no picture has label 1"));
  EXPECT_THAT(list_error("p/0.png,-1\n"), HasSubstr(":1: label -1"));
  ImageFolderOptions options = lists("p/0.png,2\n", "p/0.png,0\n");
  options.class_names = {"a", "b"};
  EXPECT_THAT(error_of(options), HasSubstr("train.csv:1: label 2; 0 to 1 expected"));
}

TEST_F(ImageFolderTest, TheCacheIsBoundedAndChangesNothing) {
  ImageFolderOptions options = photos();
  for (const bool cropped : {false, true}) {
    if (cropped) options.random_resized_crop = RandomResizedCropOptions{};
    options.cache_mb = 0;
    const ImageFolder plain_set(options);
    options.cache_mb = 1;
    const ImageFolder cached(options);
    for (uint64_t epoch = 0; epoch < 3; ++epoch) {
      EXPECT_TRUE(torch::equal(crops(plain_set, epoch), crops(cached, epoch)));
      EXPECT_TRUE(
          torch::equal(all(plain_set, Split::kTrain).inputs, all(cached, Split::kTrain).inputs));
    }
    EXPECT_GT(cached.cached_bytes(), 0);
    EXPECT_EQ(plain_set.cached_bytes(), 0);
  }
  PictureCache cache(100, 3);
  for (int64_t i = 0; i < 3; ++i) cache.keep(i, torch::zeros({40}, torch::kUInt8));
  cache.keep(0, torch::ones({10}, torch::kUInt8));  // there already
  EXPECT_EQ(cache.bytes(), 80);
  EXPECT_EQ(cache.find(0).numel(), 40);
  EXPECT_FALSE(cache.find(2).defined());
  PictureCache part(100, 1);
  part.keep(0, torch::zeros({200}, torch::kUInt8).narrow(0, 0, 10));  // holds the 200
  EXPECT_EQ(part.bytes(), 0);
}

TEST_F(ImageFolderTest, CropsAreResizedAsItIsSaid) {
  ImageFolderOptions options = photos();
  options.random_resized_crop = RandomResizedCropOptions{};
  const torch::Tensor bilinear = crops(ImageFolder(options), 5);
  options.random_resized_crop->interpolation = PictureInterpolation::kBicubic;
  const torch::Tensor bicubic = crops(ImageFolder(options), 5);
  EXPECT_EQ(bicubic.sizes(), bilinear.sizes());
  EXPECT_FALSE(torch::equal(bicubic, bilinear));
}

TEST_F(ImageFolderTest, CropsAreTheSameOnEveryThread) {
  ImageFolderOptions options = photos();
  options.random_resized_crop = RandomResizedCropOptions{};
  options.cache_mb = 1;
  for (const bool reduced : {false, true}) {
    options.reduced_decode = reduced;
    const torch::Tensor expected = crops(ImageFolder(options), 5);
    EXPECT_FALSE(torch::equal(expected, crops(ImageFolder(options), 6)));
    const ImageFolder dataset(options);
    std::vector<torch::Tensor> found(4);
    std::vector<std::thread> threads;
    threads.reserve(found.size());
    for (torch::Tensor& each : found) {
      threads.emplace_back([&dataset, &each] { each = crops(dataset, 5); });
    }
    for (std::thread& thread : threads) thread.join();
    for (const torch::Tensor& each : found) EXPECT_TRUE(torch::equal(each, expected));
  }
}

TEST(RandomResizedCrop, StaysWithinItsBounds) {
  const RandomResizedCropOptions options;
  double area = 0;
  constexpr int kDraws = 4000;
  for (uint64_t i = 0; i < kDraws; ++i) {
    SampleRandom random(3, 0, i);
    const PictureBox box = random_resized_crop(300, 400, options, random);
    ASSERT_GE(box.top, 0);
    ASSERT_GE(box.left, 0);
    ASSERT_LE(box.top + box.height, 300);
    ASSERT_LE(box.left + box.width, 400);
    const double share = static_cast<double>(box.height * box.width) / (300.0 * 400.0);
    const double ratio = static_cast<double>(box.width) / static_cast<double>(box.height);
    ASSERT_GT(share, 0.07);
    ASSERT_GT(ratio, 0.72);
    ASSERT_LT(ratio, 1.37);
    area += share;
  }
  // Large boxes often do not fit and are drawn again: torchvision's own loop, 200000 times, has a
  // mean of 0.433, not the 0.54 of U(0.08, 1).
  EXPECT_NEAR(area / kDraws, 0.433, 0.015);
}

TEST(RandomResizedCrop, FallsBackToTheCentre) {
  RandomResizedCropOptions options;
  options.scale = {1, 1};
  SampleRandom random(1, 2, 3);
  EXPECT_EQ(random_resized_crop(10, 100, options, random), (PictureBox{0, 43, 10, 13}));
  EXPECT_EQ(random_resized_crop(100, 10, options, random), (PictureBox{43, 0, 13, 10}));
  options.ratio = {1, 1};
  EXPECT_EQ(random_resized_crop(7, 7, options, random), (PictureBox{0, 0, 7, 7}));
}

}  // namespace
}  // namespace mixwright
