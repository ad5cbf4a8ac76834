#include "cifar_dataset.h"

#include <cstring>
#include <filesystem>

#include "cifar_names.h"

using mixwright::Batch;
using mixwright::Split;

namespace {

constexpr int64_t kCifar10Records = 10000;
constexpr int64_t kCifar100TrainRecords = 50000;
constexpr int64_t kCifar100TestRecords = 10000;

}  // namespace

void CifarDataset::load(const std::string& folder,
                        const CifarFormat& format,
                        const Files& train,
                        const Files& test) {
  for (const auto& [name, values] : {std::pair("mean", &info_.mean), {"std", &info_.std}}) {
    if (values->size() == 1 || values->size() == kCifarChannels) continue;
    throw mixwright::BuildError(std::string(name) + " has " + std::to_string(values->size()) +
                                " values; one for each of the 3 channels expected, or one for all");
  }
  info_.input.grid = {kCifarSide, kCifarSide};
  info_.input.channels = kCifarChannels;
  info_.classes = format.labels[format.chosen].classes;
  train_ = load_half(folder, format, train);
  test_ = load_half(folder, format, test);
}

CifarDataset::Half CifarDataset::load_half(const std::string& folder,
                                           const CifarFormat& format,
                                           const Files& files) {
  const int64_t records = files.records_each * static_cast<int64_t>(files.names.size());
  Half half;
  half.pictures = torch::empty({records, kCifarSide, kCifarSide, kCifarChannels}, torch::kUInt8);
  half.classes = torch::empty({records}, torch::kUInt8);
  auto* pictures = half.pictures.data_ptr<uint8_t>();
  auto* classes = half.classes.data_ptr<uint8_t>();
  for (const std::string& name : files.names) {
    const std::string path = (std::filesystem::path(folder) / name).string();
    read_cifar(path, format, files.records_each, pictures, classes);
    pictures += files.records_each * kCifarPixels * kCifarChannels;
    classes += files.records_each;
  }
  return half;
}

Batch CifarDataset::read(Split split, std::span<const int64_t> indices) const {
  const Half& source = half(split);
  constexpr int64_t kValues = kCifarPixels * kCifarChannels;
  const auto count = static_cast<int64_t>(indices.size());
  Batch batch;
  batch.inputs = torch::empty({count, kCifarSide, kCifarSide, kCifarChannels}, torch::kUInt8);
  batch.targets = torch::empty({count}, torch::kInt64);
  batch.indices = torch::empty({count}, torch::kInt64);
  auto* out = batch.inputs.data_ptr<uint8_t>();
  auto* targets = batch.targets.data_ptr<int64_t>();
  const auto* pictures = source.pictures.const_data_ptr<uint8_t>();
  const auto* classes = source.classes.const_data_ptr<uint8_t>();
  for (const int64_t index : indices) {
    if (index < 0 || index >= source.pictures.size(0)) {
      throw mixwright::Error("record " + std::to_string(index) + " does not exist; the split has " +
                             std::to_string(source.pictures.size(0)));
    }
    std::memcpy(out, pictures + index * kValues, kValues);
    out += kValues;
    *targets++ = classes[index];
  }
  std::memcpy(batch.indices.data_ptr<int64_t>(), indices.data(), indices.size_bytes());
  return batch;
}

Cifar10::Cifar10(const Options& options) {
  info_.class_names = cifar10_names();
  info_.mean = options.mean;
  info_.std = options.std;
  load(options.folder,
       {{{"label", 10}}},
       {{"data_batch_1.bin",
         "data_batch_2.bin",
         "data_batch_3.bin",
         "data_batch_4.bin",
         "data_batch_5.bin"},
        kCifar10Records},
       {{"test_batch.bin"}, kCifar10Records});
}

Cifar100::Cifar100(const Options& options) {
  const bool fine = options.labels == CifarLabels::kFine;
  info_.class_names = fine ? cifar100_fine_names() : cifar100_coarse_names();
  info_.mean = options.mean;
  info_.std = options.std;
  load(options.folder,
       {{{"coarse label", 20}, {"fine label", 100}}, fine ? size_t{1} : size_t{0}},
       {{"train.bin"}, kCifar100TrainRecords},
       {{"test.bin"}, kCifar100TestRecords});
}
