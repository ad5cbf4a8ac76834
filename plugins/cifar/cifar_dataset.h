#pragma once

#include <string>
#include <vector>

#include <mixwright/dataset.h>

#include "cifar_file.h"

/// CIFAR-10 and CIFAR-100 (A. Krizhevsky, 2009) in their binary version, resident in memory as
/// bytes: 50000 training and 10000 test pictures, 184 MB.
///
/// Shape: inputs [B, 32, 32, 3] bytes in red, green, blue; targets [B] int64.
/// Throws: mixwright::Error for files that are missing, of another length, or with labels beyond
/// the classes.
class CifarDataset : public mixwright::Dataset {
 public:
  const mixwright::DatasetInfo& info() const override { return info_; }
  int64_t size(mixwright::Split split) const override { return half(split).pictures.size(0); }
  mixwright::Batch read(mixwright::Split split, std::span<const int64_t> indices) const override;

 protected:
  /// Files of one split and how many records each of them has.
  struct Files {
    std::vector<std::string> names;
    int64_t records_each;
  };
  CifarDataset() = default;
  void load(const std::string& folder,
            const CifarFormat& format,
            const Files& train,
            const Files& test);
  mixwright::DatasetInfo info_;

 private:
  struct Half {
    torch::Tensor pictures;  // [N, 32, 32, 3] uint8
    torch::Tensor classes;   // [N] uint8
  };
  static Half load_half(const std::string& folder, const CifarFormat& format, const Files& files);
  const Half& half(mixwright::Split split) const {
    return split == mixwright::Split::kTrain ? train_ : test_;
  }

  Half train_;
  Half test_;
};

/// Mean and standard deviation of the training pixels, each to four digits.
struct Cifar10Options {
  std::string folder;
  std::vector<double> mean{0.4914, 0.4822, 0.4465};
  std::vector<double> std{0.2470, 0.2435, 0.2616};
};

MIXWRIGHT_OPTIONS(Cifar10Options,
                  field("folder", &Cifar10Options::folder)
                      .required()
                      .doc("where data_batch_1.bin to data_batch_5.bin and test_batch.bin lie"),
                  field("mean", &Cifar10Options::mean)
                      .doc("of red, green and blue, which lie in 0 to 1; or one for all"),
                  field("std", &Cifar10Options::std).at_least(1e-6).doc("as mean"))

/// CIFAR-10: files of 10000 records, a label byte before each picture.
class Cifar10 final : public CifarDataset {
 public:
  using Options = Cifar10Options;
  explicit Cifar10(const Options& options);
};

enum class CifarLabels { kFine, kCoarse };
MIXWRIGHT_CHOICES(CifarLabels,
                  choice("fine", CifarLabels::kFine),
                  choice("coarse", CifarLabels::kCoarse))

struct Cifar100Options {
  std::string folder;
  CifarLabels labels = CifarLabels::kFine;
  std::vector<double> mean{0.5071, 0.4865, 0.4409};
  std::vector<double> std{0.2673, 0.2564, 0.2762};
};

MIXWRIGHT_OPTIONS(
    Cifar100Options,
    field("folder", &Cifar100Options::folder).required().doc("where train.bin and test.bin lie"),
    field("labels", &Cifar100Options::labels).doc("the 100 classes, or the 20 they belong to"),
    field("mean", &Cifar100Options::mean)
        .doc("of red, green and blue, which lie in 0 to 1; or one for all"),
    field("std", &Cifar100Options::std).at_least(1e-6).doc("as mean"))

/// CIFAR-100: a coarse and a fine label byte before each picture.
class Cifar100 final : public CifarDataset {
 public:
  using Options = Cifar100Options;
  explicit Cifar100(const Options& options);
};
