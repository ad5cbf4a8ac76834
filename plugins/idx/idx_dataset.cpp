#include "idx_dataset.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "idx_file.h"

using mixwright::Batch;
using mixwright::Error;
using mixwright::Split;

IdxDataset::IdxDataset(const Options& options) {
  if (options.folder.empty()) {
    const auto relative = [](const std::string& file) {
      return !std::filesystem::path(file).has_parent_path();
    };
    // The default file names alone would look into the current folder, which nobody meant.
    if (relative(options.train.images) && relative(options.test.images)) {
      throw mixwright::BuildError("folder is not given; set data.folder to the folder that holds " +
                                  options.train.images);
    }
  }
  train_ = load(options.folder, options.train);
  test_ = load(options.folder, options.test);
  if (train_.images.sizes().slice(1) != test_.images.sizes().slice(1)) {
    throw Error(options.test.images + ": pictures of " +
                mixwright::list_text(test_.images.sizes().slice(1).vec()) + ", those of " +
                options.train.images + " have " +
                mixwright::list_text(train_.images.sizes().slice(1).vec()));
  }
  const auto names = static_cast<int64_t>(options.class_names.size());
  info_.classes = options.classes != 0 ? options.classes : names;
  if (info_.classes == 0) {
    info_.classes =
        1 + std::max(train_.labels.max().item<int64_t>(), test_.labels.max().item<int64_t>());
  }
  if (names != 0 && names != info_.classes) {
    throw mixwright::BuildError("class_names has " + std::to_string(names) +
                                " names for classes = " + std::to_string(info_.classes) +
                                "; give one name per class or leave classes out");
  }
  info_.class_names = options.class_names;
  info_.input.grid = {train_.images.size(1), train_.images.size(2)};
  info_.input.channels = train_.images.size(3);
  check_labels(train_);
  check_labels(test_);
  info_.mean = {options.mean};
  info_.std = {options.std};
}

IdxDataset::Half IdxDataset::load(const std::string& folder, const IdxFiles& files) {
  const std::filesystem::path base(folder);
  const std::string images_path = (base / files.images).string();
  Half half;
  half.labels_path = (base / files.labels).string();
  half.images = read_idx(images_path, {3, 4});
  half.labels = read_idx(half.labels_path, {1});
  if (half.images.dim() == 3) half.images = half.images.unsqueeze(3);  // [N, H, W, 1]
  if (half.labels.size(0) != half.images.size(0)) {
    throw Error(half.labels_path + ": " + std::to_string(half.labels.size(0)) + " labels for the " +
                std::to_string(half.images.size(0)) + " pictures of " + images_path +
                "; the two files do not belong together");
  }
  return half;
}

void IdxDataset::check_labels(const Half& half) const {
  const uint8_t* labels = half.labels.const_data_ptr<uint8_t>();
  for (int64_t i = 0; i < half.labels.size(0); ++i) {
    if (labels[i] >= info_.classes) {
      throw Error(half.labels_path + ": label " + std::to_string(labels[i]) + " of record " +
                  std::to_string(i) + "; 0 to " + std::to_string(info_.classes - 1) +
                  " expected for " + std::to_string(info_.classes) + " classes");
    }
  }
}

Batch IdxDataset::read(Split split, std::span<const int64_t> indices) const {
  const Half& source = half(split);
  const int64_t records = source.images.size(0);
  const int64_t values = source.images.numel() / records;
  const auto count = static_cast<int64_t>(indices.size());
  Batch batch;
  batch.inputs = torch::empty(
      {count, source.images.size(1), source.images.size(2), source.images.size(3)}, torch::kUInt8);
  batch.targets = torch::empty({count}, torch::kInt64);
  batch.indices = torch::empty({count}, torch::kInt64);
  auto* out = batch.inputs.data_ptr<uint8_t>();
  auto* targets = batch.targets.data_ptr<int64_t>();
  const auto* images = source.images.const_data_ptr<uint8_t>();
  const auto* labels = source.labels.const_data_ptr<uint8_t>();
  for (const int64_t index : indices) {
    if (index < 0 || index >= records) {
      throw Error("record " + std::to_string(index) + " does not exist; the split has " +
                  std::to_string(records));
    }
    std::memcpy(out, images + index * values, static_cast<size_t>(values));
    out += values;
    *targets++ = labels[index];
  }
  std::memcpy(batch.indices.data_ptr<int64_t>(), indices.data(), indices.size_bytes());
  return batch;
}
