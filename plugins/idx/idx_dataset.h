#pragma once

#include <string>
#include <vector>

#include <mixwright/dataset.h>

/// Two files that belong together.
struct IdxFiles {
  std::string images;
  std::string labels;
};

struct IdxOptions {
  std::string folder;
  IdxFiles train{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"};
  IdxFiles test{"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"};
  int64_t classes = 0;
  std::vector<std::string> class_names;
  double mean = 0.5;
  double std = 0.5;
};

MIXWRIGHT_OPTIONS(IdxFiles,
                  field("images", &IdxFiles::images).doc("file of [N, H, W] or [N, H, W, C] bytes"),
                  field("labels", &IdxFiles::labels).doc("file of [N] bytes"))

MIXWRIGHT_OPTIONS(
    IdxOptions,
    field("folder", &IdxOptions::folder)
        .doc("where the files lie; relative paths start at the current folder"),
    field("train", &IdxOptions::train).doc("files of the training split"),
    field("test", &IdxOptions::test).doc("files of the test split"),
    field("classes", &IdxOptions::classes)
        .at_least(0)
        .at_most(256)
        .doc("number of classes; 0: as many as class_names, or as the labels show"),
    field("class_names", &IdxOptions::class_names).doc("names of the classes, in their order"),
    field("mean", &IdxOptions::mean).doc("taken from every value, which lies in 0 to 1"),
    field("std", &IdxOptions::std).at_least(1e-6).doc("what is left is divided by this"))

/// Pictures with labels in IDX files, the format of MNIST, resident in memory as bytes.
///
/// Shape: inputs [B, H, W, C] bytes, which the host makes (value / 255 - mean) / std; targets [B]
/// int64.
/// Throws: mixwright::Error for files that are missing, cut off, or do not belong together.
class IdxDataset final : public mixwright::Dataset {
 public:
  using Options = IdxOptions;
  explicit IdxDataset(const Options& options);

  const mixwright::DatasetInfo& info() const override { return info_; }
  int64_t size(mixwright::Split split) const override { return half(split).images.size(0); }
  mixwright::Batch read(mixwright::Split split, std::span<const int64_t> indices) const override;

 private:
  struct Half {
    torch::Tensor images;  // [N, H, W, C] uint8
    torch::Tensor labels;  // [N] uint8
    std::string labels_path;
  };
  static Half load(const std::string& folder, const IdxFiles& files);
  void check_labels(const Half& half) const;
  const Half& half(mixwright::Split split) const {
    return split == mixwright::Split::kTrain ? train_ : test_;
  }

  Half train_;
  Half test_;
  mixwright::DatasetInfo info_;
};
